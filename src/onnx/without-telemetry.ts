/** ONNX Runtime, kept from telling its makers what runs here. @module */

/**
 * Turns off ONNX Runtime's telemetry, on by default from 1.29 on: it keeps a device id, uploads events of each session over HTTPS and leaves
 * a file `mat-debug-<pid>.log` in the temporary folder for each process (microsoft/onnxruntime#27379). Before the first session of the
 * process, and in its main thread: what a worker thread sets stays with it. An ORT_DISABLE_TELEMETRY that
 * is set stays.
 */
export function withoutTelemetry(): void {
  process.env['ORT_DISABLE_TELEMETRY'] ??= '1';
}
