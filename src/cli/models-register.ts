/** `trainyard models register`: a version of a model that the store has, or versions from a file. @module */
import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { z } from 'zod';
import { parseOrThrow } from '../contracts/contract-violation.js';
import { messageOf, TrainyardError } from '../contracts/errors.js';
import { ModelVersion } from '../contracts/model-version.js';
import { objectUri } from '../contracts/names.js';
import { describeArtifact, findArtifact } from '../housekeeping/describe.js';
import { pair } from './models-annotate.js';
import { type ChangeFlags, withDecidedChangeFlags } from './change-flags.js';
import { changeModels } from './models-session.js';
import { openProjectStore } from './store-session.js';

interface RegisterFlags extends ChangeFlags {
  readonly artifact?: string;
  readonly input?: string;
  readonly metric: Readonly<Record<string, string>>;
  readonly tag: Readonly<Record<string, string>>;
  readonly licence?: string;
}

/** Registers one version of an artifact, or those of a file. */
export function modelsRegisterCommand(): Command {
  return withDecidedChangeFlags(new Command('register'))
    .description('register a version of a model, or several')
    .argument('<model>')
    .option('--artifact <ref>', 'the model in the store: a ref, or the beginning of its digest')
    .option('--input <file>', 'instead: JSON of one version or of a list, as in docs/models.md')
    .option('--metric <name=number>', 'a headline figure', pair, {})
    .option('--tag <name=value>', 'a tag', pair, {})
    .option('--licence <id>', 'SPDX identifier')
    .addHelpText(
      'after',
      '\nExample:\n  trainyard models register churn --artifact 3f9a2b --metric auc=0.91 --reason "from the old system"',
    )
    .action(async (model: string, flags: RegisterFlags, command: Command) => {
      if ((flags.artifact === undefined) === (flags.input === undefined))
        command.error('error: name an artifact, or an input file: --artifact, --input');
      const versions = flags.input === undefined ? [await versionOf(flags)] : versionsOf(flags.input);
      await changeModels(flags, async (registry, options) => {
        const numbers = await registry.register(model, versions, options);
        const [first, ...others] = numbers;
        const words =
          others.length === 0 ? `version ${first ?? ''}` : `versions ${first ?? ''} to ${others.at(-1) ?? ''}`;
        return [`registered ${words} of ${model}`, { model, versions: numbers }];
      });
    });
}

async function versionOf(flags: RegisterFlags): Promise<ModelVersion> {
  const store = await openProjectStore(flags);
  const content = await findArtifact(store, flags.artifact ?? '');
  const described = await describeArtifact(store, content);
  const isModel = described.is === 'model';
  return parseOrThrow(
    ModelVersion,
    {
      model: { uri: objectUri(content.sha256), ...content, ...(isModel && { kind: 'model' }) },
      signature: isModel ? { inputs: described.document.inputs, outputs: described.document.outputs } : undefined,
      metrics: Object.fromEntries(Object.entries(flags.metric).map(([name, text]) => [name, Number(text)])),
      tags: flags.tag,
      licence: flags.licence,
    },
    'version',
  );
}

function versionsOf(file: string): ModelVersion[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new TrainyardError('TY1907', `--input ${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  return parseOrThrow(z.array(ModelVersion), Array.isArray(value) ? value : [value], file);
}
