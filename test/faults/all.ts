/** All faults, by number. @module */
import { killTrainer } from './01-kill-trainer.js';
import { killWorker } from './02-kill-worker.js';
import { killAllWorkers } from './03-kill-all-workers.js';
import { killEngine } from './04-kill-engine.js';
import { killPostgres } from './04-kill-postgres.js';
import { killEverything } from './05-kill-everything.js';
import { cutCheckpoint } from './06-cut-checkpoint.js';
import { flipBit } from './07-flip-bit.js';
import { manifestMissing } from './08-manifest-missing.js';
import { everyCheckpointBad } from './09-every-checkpoint-bad.js';
import { unreliableS3 } from './10-unreliable-s3.js';
import { killS3 } from './11-kill-s3.js';
import { diskFull } from './12-disk-full.js';
import { zombie } from './13-zombie.js';
import { twoOwners } from './14-two-owners.js';
import { memoryLimit } from './15-memory-limit.js';
import { notANumber } from './16-not-a-number.js';
import { drainUnderLoad } from './17-drain-under-load.js';
import { hungTrainer } from './18-hung-trainer.js';
import { wrongClock } from './19-wrong-clock.js';
import { oversized } from './20-oversized.js';
import { longLoop } from './21-long-loop.js';
import { mixedVersions } from './22-mixed-versions.js';
import { garbledProtocol } from './23-garbled-protocol.js';
import { noDescriptors } from './24-no-descriptors.js';
import { cutStreams } from './25-cut-streams.js';
import { collectGarbage } from './26-collect-garbage.js';
import { crashOnImport } from './27-crash-on-import.js';
import { killInMap } from './28-kill-in-map.js';
import { killInRollout } from './29-kill-in-rollout.js';
import { killInLoop } from './30-kill-in-loop.js';
import { killInMonitor } from './31-kill-in-monitor.js';
import type { Fault } from './support/fault.js';

export const faults: readonly Fault[] = [
  killTrainer,
  killWorker,
  killAllWorkers,
  killEngine,
  killPostgres,
  killEverything,
  cutCheckpoint,
  flipBit,
  manifestMissing,
  everyCheckpointBad,
  unreliableS3,
  killS3,
  diskFull,
  zombie,
  twoOwners,
  memoryLimit,
  notANumber,
  drainUnderLoad,
  hungTrainer,
  wrongClock,
  oversized,
  longLoop,
  mixedVersions,
  garbledProtocol,
  noDescriptors,
  cutStreams,
  collectGarbage,
  crashOnImport,
  killInMap,
  killInRollout,
  killInLoop,
  killInMonitor,
];
