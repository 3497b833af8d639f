/** A model card in Markdown, with YAML metadata as Hugging Face reads it. @module */
import type { CardFact, CardPart, ModelCard } from './model-card.js';

/** The whole card. What is generated stands between marks: see keep-own.ts. */
export function cardMarkdown({ title, metadata, parts }: ModelCard): string {
  // A JSON value is a YAML value, too.
  const lines = Object.entries(metadata).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return [
    `---\n# trainyard:begin metadata\n${lines.join('\n')}\n# trainyard:end metadata\n---\n`,
    marked('title', `# ${title}`),
    ...parts.map((part) => `## ${part.heading}\n\n${marked(part.section, partMarkdown(part))}`),
  ].join('\n');
}

function marked(name: string, text: string): string {
  return `<!-- trainyard:begin ${name} -->\n${text}\n<!-- trainyard:end ${name} -->\n`;
}

function partMarkdown({ section, facts, own }: CardPart): string {
  const said = [...facts.map(factMarkdown), ...(own === undefined ? [] : [own.trim()])];
  return said.length > 0
    ? said.join('\n\n')
    : `*Nobody has written this yet: write below, or \`trainyard models annotate … --card ${section}=@file.md\`.*`;
}

function factMarkdown(fact: CardFact): string {
  if (fact.kind === 'list') return fact.items.map(([name, value]) => `- **${name}**: ${plain(value)}`).join('\n');
  const row = (cells: readonly string[]) =>
    `| ${cells.map((cell) => plain(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(fact.header), row(fact.header.map(() => '---')), ...fact.rows.map(row)].join('\n');
}

/** On one line, and no HTML. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replaceAll('<', '&lt;');
}
