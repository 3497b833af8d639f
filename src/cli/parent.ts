/** The end of the process that started this one, seen by the pipe between them. @module */

/**
 * Calls `end` when standard input closes: a parent that was killed leaves nothing else behind. The watching keeps this
 * process alive; the returned function ends it.
 */
export function onParentEnd(end: () => void): () => void {
  process.stdin.resume().once('end', end).once('error', end);
  return () => {
    process.stdin.off('end', end).off('error', end).pause();
  };
}
