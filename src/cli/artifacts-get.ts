/** `trainyard artifacts get`. @module */
import { Command } from 'commander';
import { TrainyardError } from '../contracts/errors.js';
import { describeArtifact, filesOf, findArtifact } from '../housekeeping/describe.js';
import { writeArtifact, writeArtifacts } from '../housekeeping/write-files.js';
import { type ProjectFlags, withProjectFlags } from './session.js';
import { openProjectStore, write } from './store-session.js';

interface GetFlags extends ProjectFlags {
  readonly output?: string;
  readonly force?: boolean;
}

/** Verified bytes as a file; the files of a dataset, a model or a folder in a folder. */
export function artifactsGetCommand(): Command {
  return withProjectFlags(new Command('get'))
    .description('write an artifact to this machine: a file, or the folder of files of a dataset, a model or a folder')
    .argument('<ref>', 'a ref, or the beginning of its sha256')
    .argument('[file]', 'one of its files')
    .option('-o, --output <path>', 'default: the beginning of the digest, or the name of the file')
    .option('--force', 'overwrite what is there')
    .addHelpText('after', '\nExample:\n  trainyard artifacts get 2cf24dba5fb0 model.onnx -o churn.onnx')
    .action(async (text: string, file: string | undefined, { force = false, ...flags }: GetFlags) => {
      const store = await openProjectStore(flags);
      const content = await findArtifact(store, text);
      const description = await describeArtifact(store, content);
      const files = filesOf(description);
      const short = content.sha256.slice(0, 12);
      if (files === undefined || file !== undefined) {
        const names = (files ?? []).map(({ path }) => path).join(', ') || 'none';
        const named = file === undefined ? { path: short, ref: content } : files?.find(({ path }) => path === file);
        if (named === undefined)
          throw new TrainyardError('TY1920', `${short} has no file "${file ?? ''}"; it has: ${names}`);
        const path = flags.output ?? named.path.split('/').at(-1) ?? short;
        await writeArtifact(store, { path, ref: named.ref }, { force });
        write(path);
        return;
      }
      const folder = flags.output ?? short;
      const withManifest = description.is === 'folder' ? files : [...files, { path: 'manifest.json', ref: content }];
      await writeArtifacts(store, withManifest, folder, { force });
      for (const { path } of withManifest) write(`${folder}/${path}`);
    });
}
