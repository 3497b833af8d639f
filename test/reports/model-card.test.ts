/** Model cards, and what people write into them. @module */
import assert from 'node:assert/strict';
import { putJson } from '../../src/artifacts/json.js';
import { MemoryStore } from '../../src/artifacts/memory-store.js';
import { ModelVersion } from '../../src/contracts/model-version.js';
import { cardMarkdown } from '../../src/reports/card-markdown.js';
import { cardPage } from '../../src/reports/card-page.js';
import { compareVersions } from '../../src/reports/compare-versions.js';
import { comparisonPage } from '../../src/reports/comparison-page.js';
import { keepOwn } from '../../src/reports/keep-own.js';
import { modelCardOf } from '../../src/reports/model-card.js';
import { factsOf } from '../../src/reports/version-facts.js';

const store = new MemoryStore();
const slice = { rows: 10, rmse: 2, mae: 1, r2: 0.5, bias: 0 };
const digest = 'd'.repeat(64);

async function facts(details: Partial<ModelVersion> = {}) {
  const graph = await store.put(Buffer.from('a graph'));
  const manifest = {
    version: 1,
    graph,
    inputs: [],
    outputs: [],
    dataset: digest,
    numerics: { seed: 7, cpu: ['avx2'] },
  };
  const report = {
    version: 1,
    model: digest,
    dataset: digest,
    split: 'test',
    target: 'delay',
    unlabelledRows: 0,
    slicesLeftOut: 0,
    task: 'regression',
    metrics: slice,
    baseline: { by: [], trainSplit: 'train', groups: 1, metrics: slice },
    slices: [{ ...slice, column: 'carrier', value: '<b>UA</b> | AA' }],
  };
  const version = ModelVersion.parse({
    model: { ...(await putJson(store, manifest)), kind: 'model' },
    report: await putJson(store, report),
    metrics: { rmse: 2 },
    licence: 'Apache-2.0',
    ...details,
  });
  const registered = {
    generation: 1,
    requestId: 'a',
    at: '2026-03-01T12:00:00.000Z',
    by: { name: 'ana', standing: 'claimed' as const },
    reason: 'a <script>',
    author: { state: 'unsigned' as const },
  };
  return factsOf(store, {
    model: 'delays',
    version: 3,
    details: version,
    registered,
    annotations: [],
    aliases: ['champion'],
    archived: false,
  });
}

describe('a model card', () => {
  it('has the nine sections in order, with what the registry, the manifest and the report know', async () => {
    const card = cardMarkdown(await modelCardOf(store, await facts({ card: { caveats: 'Summer *only*.' } })));
    assert.deepEqual(
      [...card.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading),
      [
        'Model Details',
        'Intended Use',
        'Factors',
        'Metrics',
        'Evaluation Data',
        'Training Data',
        'Quantitative Analyses',
        'Ethical Considerations',
        'Caveats and Recommendations',
      ],
    );
    for (const words of [
      'license: "apache-2.0"',
      'pipeline_tag: "tabular-regression"',
      '- **Size**: 7 bytes',
      '- **seed**: 7',
      '- **fitted on**: sha256:ddd',
      'Summer *only*.',
      '| carrier: &lt;b>UA&lt;/b> \\| AA | 10 | 2 | 1 | 0.5 |',
    ])
      assert.ok(card.includes(words), `${words} is not in\n${card}`);
  });

  it('keeps every word that people wrote, above, between and in the metadata', async () => {
    const first = cardMarkdown(await modelCardOf(store, await facts()));
    const edited = first
      .replace('---\n#', '---\nlanguage: en\n#')
      .replace('## Factors\n', '## Factors\n\nAirports differ.\n')
      .concat('\n## Our own section\n\ntext with $1 and $&\n');
    const second = keepOwn(edited, cardMarkdown(await modelCardOf(store, await facts({ metrics: { rmse: 1 } }))));
    assert.equal(second, edited.replace('- **rmse**: 2\n', '- **rmse**: 1\n').replaceAll('"value":2', '"value":1'));
    assert.equal(keepOwn('a file of somebody', first), undefined);
  });

  it('is a page, too, in which nothing that people typed is HTML, and whose own words stay', async () => {
    const card = await modelCardOf(store, await facts({ card: { caveats: '<img src=x>\nline two' } }));
    const text = cardPage(card);
    assert.ok(!text.includes('<script>') && !text.includes('<img'));
    assert.ok(text.includes('&#60;img src=x&#62;\nline two'));
    const edited = text.replace('</h2>', '</h2><p>Ours.</p>');
    assert.equal(keepOwn(edited, text), edited);
  });
});

describe('a comparison', () => {
  it('marks the better figure, where it is known which that is', async () => {
    const [one, two] = [await facts(), await facts({ metrics: { rmse: 3, size: 4 } })];
    const { groups } = compareVersions([one, { ...two, version: 4 }]);
    assert.deepEqual(groups[0]?.rows, [
      { name: 'rmse', values: [2, 3], better: 'lower' },
      { name: 'size', values: [null, 4] },
    ]);
    const page = comparisonPage(compareVersions([one, { ...two, version: 4 }]));
    assert.equal(page.match(/class="best"/g)?.length, 1);
  });
});
