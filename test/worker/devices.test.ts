import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findDevices } from '../../src/worker/devices.js';

describe('the GPUs of a machine', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ty-devices-'));
  });
  after(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  /** A stand-in for NVIDIA's program: what it prints for two GPUs, and for a driver that is not loaded. */
  function program(name: string, script: string): string {
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  it('are found through nvidia-smi', async () => {
    const smi = program('two', "printf '0, NVIDIA H100 80GB HBM3, 81559\\n1, NVIDIA H100 80GB HBM3, 81559\\n'");
    assert.deepEqual(await findDevices(smi), [
      { index: 0, name: 'NVIDIA H100 80GB HBM3', memoryMiB: 81559 },
      { index: 1, name: 'NVIDIA H100 80GB HBM3', memoryMiB: 81559 },
    ]);
  });

  it('are none where the program is missing or fails', async () => {
    assert.deepEqual(await findDevices(join(folder, 'missing')), []);
    assert.deepEqual(await findDevices(program('broken', 'echo "no driver" >&2; exit 9')), []);
  });
});
