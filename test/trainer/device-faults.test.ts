import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { StageFailure } from '../../src/context/stage-failure.js';
import { faultsOf, parseXids, watchDevices } from '../../src/trainer/device-faults.js';
import { temporaryFolder } from './support.js';

// After the examples in NVIDIA's "Xid Errors" and "GPU Debug Guidelines"; the first form is of old drivers.
const kernelLog = `<6>[    2.104511] NVRM: loading NVIDIA UNIX x86_64 Kernel Module  550.54.15
<4>[  900.000001] NVRM: GPU at 0000:03:00: GPU-b850f46d-d5ea-c752-ddf3-c4453e44d3f7
<4>[  900.000002] NVRM: Xid (0000:03:00): 14, Channel 00000001
<3>[ 1000.250000] NVRM: Xid (PCI:0000:3b:00): 31, pid=79749, name=python, Ch 0000000a, intr 00000000. MMU Fault
<3>[ 1200.500000] NVRM: Xid (PCI:0000:3b:00): 79, pid=79749, name=python, GPU has fallen off the bus.
`;
const gpu = (bus: string, action: string, remapFailure = 'No') => `<gpu id="${bus}">
  <gpu_recovery_action>${action}</gpu_recovery_action>
  <remapped_rows><remapped_row_pending>No</remapped_row_pending><remapped_row_failure>${remapFailure}</remapped_row_failure></remapped_rows>
</gpu>`;
const shown = (...gpus: string[]) => `<?xml version="1.0" ?><nvidia_smi_log>${gpus.join('\n')}</nvidia_smi_log>`;
const [first, second] = [
  { device: 0, bus: '00000000:3b:00.0' },
  { device: 1, bus: '00000000:5e:00.0' },
];

describe('the fault of a GPU', () => {
  it('is an Xid that NVIDIA puts down to hardware, on the bus of this GPU', () => {
    const xids = parseXids(kernelLog);
    assert.deepEqual(
      xids.map(({ atSeconds, pci, xid }) => [atSeconds, pci, xid]),
      [
        [900.000002, '0000:03:00', 14],
        [1000.25, '0000:3b:00', 31],
        [1200.5, '0000:3b:00', 79],
      ],
    );
    const both = shown(gpu('00000000:3B:00.0', 'None'), gpu('00000000:5E:00.0', 'None'));
    assert.deepEqual(faultsOf([first, second], both, xids), [
      { device: 0, what: 'Xid 79: pid=79749, name=python, GPU has fallen off the bus.' },
    ]);
    assert.deepEqual(faultsOf([first], both, xids.slice(0, 2)), []);
  });

  it('is what nvidia-smi asks for, memory that cannot be mended, or that it is not listed any more', () => {
    const whats = (...gpus: string[]) => faultsOf([second], shown(...gpus), []).map(({ what }) => what);
    const other = gpu('00000000:3B:00.0', 'Reset');
    assert.deepEqual(whats(other, gpu('00000000:5E:00.0', 'None')), []);
    assert.deepEqual(whats(other, gpu('00000000:5E:00.0', 'Drain and Reset')), ['needs recovery: Drain and Reset']);
    assert.deepEqual(whats(gpu('00000000:5E:00.0', 'None', 'Yes')), ['rows of its memory cannot be remapped']);
    assert.deepEqual(whats(other), ['nvidia-smi does not list it any more']);
    assert.deepEqual(faultsOf([second], 'Failed to initialize NVML: Driver/library version mismatch', []), []);
  });

  it('makes the failure of a trainer that of its device, where it came up while the trainer ran', async () => {
    const folder = temporaryFolder();
    const { PATH } = process.env;
    const command = (name: string, script: string) => {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
      chmodSync(join(folder, name), 0o755);
    };
    const xml = shown(gpu('00000000:3B:00.0', 'None'));
    command('nvidia-smi', `case "$1" in -q) echo '${xml}';; *) echo '0, 00000000:3B:00.0';; esac`);
    command('dmesg', `echo '[${(uptime() - 60).toFixed(6)}] NVRM: Xid (PCI:0000:3b:00): 48, pid=1, DBE'`);
    process.env['PATH'] = `${folder}:${PATH ?? ''}`;
    try {
      const failure = new StageFailure('Failed', 'trainer train.py ended with exit code 1', { exitCode: 1 });
      const blame = watchDevices([0]);
      assert.equal(await blame(failure), failure);
      command('dmesg', `echo '[${(uptime() + 60).toFixed(6)}] NVRM: Xid (PCI:0000:3b:00): 48, pid=1, DBE'`);
      const { failureClass, evidence } = await blame(failure);
      assert.equal(failureClass, 'DeviceFailed');
      assert.deepEqual(evidence, { exitCode: 1, devices: [0], deviceFaults: 'GPU 0: Xid 48: pid=1, DBE' });
      assert.equal(await watchDevices([])(failure), failure);
    } finally {
      process.env['PATH'] = PATH;
    }
  });
});
