/**
 * Whether a GPU broke while a trainer ran on it: what the driver wrote to the kernel's log (Xid), and how `nvidia-smi` finds it
 * afterwards. The parsers follow NVIDIA's documented output; they were never run beside a broken GPU.
 * @module
 */
import { execFile } from 'node:child_process';
import { uptime } from 'node:os';
import { promisify } from 'node:util';
import { StageFailure } from '../context/stage-failure.js';

/** What speaks against a GPU. */
export interface DeviceFault {
  readonly device: number;
  readonly what: string;
}

/** An Xid message of the driver. */
export interface XidMessage {
  /** Seconds since the machine started. */
  readonly atSeconds: number;
  /** Domain, bus and device: `0000:05:00`. */
  readonly pci: string;
  readonly xid: number;
  readonly text: string;
}

/**
 * Xids for which NVIDIA's catalogue (docs.nvidia.com/deploy/xid-errors) names hardware and asks for a reset or a replacement: uncorrectable
 * ECC (48, 95, 140), failed row remapping (64), NVLink (74), the bus (79), the GPU's own processor (119, 120). Those of an
 * application's doing, like 13 and 31, are not among them.
 */
const brokenXids: ReadonlySet<number> = new Set([48, 64, 74, 79, 95, 119, 120, 140]);

/**
 * Notes which GPUs a trainer is given; the function that comes back makes a failure `DeviceFailed` where one of them broke since. On the bus,
 * because indices shift when one is lost.
 */
export function watchDevices(devices: readonly number[]): (failure: StageFailure) => Promise<StageFailure> {
  const since = uptime();
  const listed =
    devices.length === 0 ? '' : outputOf('nvidia-smi', ['--query-gpu=index,pci.bus_id', '--format=csv,noheader']);
  return async (failure) => {
    const buses = parseBuses(await listed);
    const given = devices
      .flatMap((device) => ({ device, bus: buses.get(device) ?? '' }))
      .filter(({ bus }) => bus !== '');
    if (given.length === 0) return failure;
    const [shown, log] = await Promise.all([outputOf('nvidia-smi', ['-q', '-x']), outputOf('dmesg', ['--raw'])]);
    const xids = parseXids(log).filter(({ atSeconds }) => atSeconds >= since);
    const faults = faultsOf(given, shown, xids);
    if (faults.length === 0) return failure;
    const words = faults.map(({ device, what }) => `GPU ${device}: ${what}`).join('; ');
    const evidence = { ...failure.evidence, devices: faults.map(({ device }) => device), deviceFaults: words };
    return new StageFailure('DeviceFailed', `${words}. ${failure.message}`, evidence, { cause: failure });
  };
}

/** What speaks against each device: an Xid, or what the XML of `nvidia-smi -q -x` says of it. */
export function faultsOf(
  devices: readonly { readonly device: number; readonly bus: string }[],
  xml: string,
  xids: readonly XidMessage[],
): DeviceFault[] {
  const shown = parseShown(xml);
  return devices.flatMap(({ device, bus }) => {
    const xid = xids.find((message) => brokenXids.has(message.xid) && bus.includes(message.pci));
    if (xid) return [{ device, what: `Xid ${xid.xid}: ${xid.text}` }];
    // Where nvidia-smi says nothing at all, it is not asked about one device.
    const what = shown.size > 0 && !shown.has(bus) ? 'nvidia-smi does not list it any more' : shown.get(bus);
    return what === undefined ? [] : [{ device, what }];
  });
}

/** GPUs by bus in the XML of `nvidia-smi -q -x`, with what speaks against each. */
function parseShown(xml: string): ReadonlyMap<string, string | undefined> {
  const gpus = xml.matchAll(/<gpu id="([^"]+)">(.*?)<\/gpu>/gs);
  return new Map(
    [...gpus].map(([, bus = '', body = '']) => {
      const value = (tag: string) => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(body)?.[1]?.trim() ?? '';
      const action = value('gpu_recovery_action'); // since driver 570
      const remaps = value('remapped_row_failure') === 'Yes' ? 'rows of its memory cannot be remapped' : undefined;
      return [bus.toLowerCase(), ['', 'None', 'N/A'].includes(action) ? remaps : `needs recovery: ${action}`];
    }),
  );
}

/** Xid messages in the kernel's log as `dmesg --raw` prints it: `<3>[ 1234.567890] NVRM: Xid (PCI:0000:05:00): 79, pid=…, …`. */
export function parseXids(log: string): XidMessage[] {
  const line = /^(?:<\d+>)?\[\s*(\d+\.\d+)\] NVRM: Xid \((?:PCI:)?([0-9a-f:]+)(?:\.\d)?\): (\d+), *(.*)$/gim;
  return [...log.matchAll(line)].map(([, at, pci = '', xid, text = '']) => ({
    atSeconds: Number(at),
    pci: pci.toLowerCase(),
    xid: Number(xid),
    text,
  }));
}

/** `0, 00000000:05:00.0` a line. */
function parseBuses(csv: string): ReadonlyMap<number, string> {
  return new Map(
    [...csv.matchAll(/^(\d+), (\S+)$/gm)].map(([, index, bus = '']) => [Number(index), bus.toLowerCase()]),
  );
}

/** What a command prints; nothing where it is not there, not allowed, or hangs, as `nvidia-smi` may beside a GPU that fell off the bus. */
async function outputOf(command: string, args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(command, [...args], { timeout: 10_000, maxBuffer: 2 ** 26 })).stdout;
  } catch (error) {
    // It prints what it knows even where it ends with a code for a lost GPU.
    return error instanceof Error && 'stdout' in error && typeof error.stdout === 'string' ? error.stdout : '';
  }
}
