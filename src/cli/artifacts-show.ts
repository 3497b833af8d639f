/** `trainyard artifacts show`. @module */
import { Command } from 'commander';
import { describeArtifact, type Description, findArtifact } from '../housekeeping/describe.js';
import { liveRefs, type Need } from '../housekeeping/live-refs.js';
import { needsOf } from '../housekeeping/marks.js';
import { bytes } from './figures.js';
import { needWords, type StoreFlags, withStore, withStoreFlags, write } from './store-session.js';

/** More are counted, not listed. */
const mostNeeds = 20;
/** Characters of a document. */
const longestDocument = 8_000;

/** What an artifact is, and who needs it. */
export function artifactsShowCommand(): Command {
  return withStoreFlags(new Command('show'))
    .description('what an artifact is, and which runs and heads need it')
    .argument('<ref>', 'a ref, or the beginning of its sha256')
    .addHelpText('after', '\nExample:\n  trainyard artifacts show 2cf24dba5fb0')
    .action(async (text: string, flags: StoreFlags) => {
      await withStore(flags, async ({ store, live }) => {
        const content = await findArtifact(store, text);
        const description = await describeArtifact(store, content);
        const needs: Need[] = [];
        for await (const { need } of needsOf(store, liveRefs(live), new Set([content.sha256]))) needs.push(need);
        if (flags.json) {
          write(JSON.stringify({ ...content, ...description, needs }));
          return;
        }
        write(`sha256:${content.sha256}  ${bytes(content.sizeBytes)}`);
        for (const sentence of sentences(description)) write(sentence);
        for (const need of needs.slice(0, mostNeeds)) write(`needed by ${needWords(need)}`);
        if (needs.length > mostNeeds) write(`and ${needs.length - mostNeeds} more`);
        if (needs.length === 0) write('nothing that is kept needs it: trainyard artifacts gc');
      });
    });
}

function sentences(description: Description): string[] {
  switch (description.is) {
    case 'dataset': {
      const { rows, columns, files, sources } = description.document;
      return [
        `a dataset: ${rows} rows, ${columns.length} columns, ${files.length} files`,
        ...columns.map(({ name, type, nullable }) => `  ${name}: ${type}${nullable ? ', may be missing' : ''}`),
        ...files.map((file) => `  ${file.split ?? 'rows'}: ${file.rows} rows, ${bytes(file.ref.sizeBytes)}`),
        ...sources.map(({ name }) => `  from ${name}`),
      ];
    }
    case 'model': {
      const { inputs, outputs, graph, dataset, numerics } = description.document;
      return [
        `a model: ${inputs.map(({ name }) => name).join(', ')} → ${outputs.map(({ name }) => name).join(', ')}`,
        `  graph sha256:${graph.sha256}, ${bytes(graph.sizeBytes)}`,
        `  trained on sha256:${dataset}`,
        ...Object.entries(numerics).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
      ];
    }
    case 'folder':
      return ['a folder', ...description.document.files.map(({ path, ref }) => `  ${path}  ${bytes(ref.sizeBytes)}`)];
    case 'attempt log':
      return [`the log of ${description.document.attempts.length} attempts of ${description.document.stageKey}`];
    case 'document':
      return ['a JSON document', beginning(JSON.stringify(description.document, null, 2))];
    case 'file':
      return [`a file: ${description.format}`];
  }
}

function beginning(text: string): string {
  return text.length <= longestDocument
    ? text
    : `${text.slice(0, longestDocument)}\n… the rest: trainyard artifacts get`;
}
