/** How the page looks: light and dark as the reader has it, and on a telephone. @module */

export const style = `
:root {
  --ground: #f6f7f9; --card: #ffffff; --ink: #16191d; --quiet: #5b6470; --line: #dde1e6; --accent: #1d5fd1;
  --good: #11734b; --good-ground: #e2f4ea; --bad: #b3261e; --bad-ground: #fce8e6; --warn: #7a4b00; --warn-ground: #fff2d8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121417; --card: #1b1e23; --ink: #e7eaee; --quiet: #99a2ae; --line: #30353c; --accent: #7fb0ff;
    --good: #6fd3a0; --good-ground: #14362a; --bad: #ff9a92; --bad-ground: #44201d; --warn: #f3c877; --warn-ground: #3a2d12;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main { max-width: 60rem; margin: 0 auto; padding: 0 1.25rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; justify-content: space-between; align-items: center; padding-top: 1rem; padding-bottom: 1rem; }
main { padding-bottom: 2rem; }
a { color: var(--accent); text-underline-offset: .2em; }
.home { color: inherit; text-decoration: none; font-weight: 650; }
.home span, .quiet, dt, figcaption { color: var(--quiet); }
.home span { font-weight: 400; }
.identity { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; font-size: .9rem; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .5rem 0 .75rem; }
h2 { font-size: 1.1rem; margin: 0 0 .75rem; }
.trail { margin: 0; font-size: .9rem; }
section, .cards li, details { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.25rem; margin: 1rem 0; }
.cards { list-style: none; padding: 0; }
.cards li { padding: 0; }
.cards li a { display: block; padding: 1rem 1.25rem; color: inherit; text-decoration: none; }
.cards li:hover, .cards li:focus-within { border-color: var(--accent); }
.line { display: block; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .5rem 1.5rem; margin: 1rem 0; }
dt { font-size: .8rem; }
dd { margin: 0; overflow-wrap: anywhere; }
.badge { display: inline-block; font-size: .78rem; font-weight: 600; line-height: 1.5; border-radius: 1rem; padding: 0 .6rem; background: var(--line); color: var(--ink); vertical-align: middle; white-space: nowrap; }
.badge.approved, .badge.verified { background: var(--good-ground); color: var(--good); }
.badge.rejected { background: var(--bad-ground); color: var(--bad); }
.badge.claimed, .badge.expired { background: var(--warn-ground); color: var(--warn); }
.warn { margin: 0 0 1rem; background: var(--warn-ground); color: var(--warn); border-radius: .6rem; padding: .6rem 1rem; overflow-wrap: anywhere; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th { text-align: left; font-weight: 500; }
thead th { color: var(--quiet); font-size: .8rem; vertical-align: bottom; }
th, td { padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); }
tbody tr:last-child > * { border-bottom: 0; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; padding: .35rem 0 .35rem .75rem; }
.strong { font-weight: 650; }
.better { color: var(--good); }
.worse { color: var(--bad); }
.word { font-size: .75rem; }
.mono, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .85em; overflow-wrap: anywhere; }
pre { overflow-x: auto; margin: .75rem 0 0; }
summary { cursor: pointer; }
figure { margin: 1.25rem 0 0; }
figure svg { width: 100%; max-width: 18rem; display: block; }
figcaption { font-size: .85rem; }
svg text { fill: var(--quiet); font-size: 9px; }
.axis { stroke: var(--quiet); fill: none; }
.diagonal { stroke: var(--line); stroke-dasharray: 4 3; fill: none; }
.point { fill: var(--accent); fill-opacity: .75; }
.decisions { list-style: none; padding: 0; margin: 0; }
.decisions li + li { margin-top: 1rem; }
blockquote { margin: .25rem 0; padding-left: .75rem; border-left: 3px solid var(--line); overflow-wrap: anywhere; }
.decide label { display: block; margin: 0 0 1rem; }
input, textarea { display: block; width: 100%; margin-top: .35rem; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: .4rem; padding: .5rem .7rem; }
input[type="hidden"] { display: none; }
textarea { resize: vertical; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem; }
button { font: inherit; font-weight: 600; border-radius: .4rem; border: 1px solid transparent; padding: .5rem 1.4rem; cursor: pointer; }
.approve { background: var(--good); color: var(--card); }
.reject { background: none; color: var(--bad); border-color: var(--bad); }
.plain { background: none; color: var(--accent); padding: 0 .25rem; font-weight: 400; font-size: .9rem; text-decoration: underline; }
.fine { font-size: .8rem; overflow-wrap: anywhere; }
@media (max-width: 32rem) {
  .buttons button { flex: 1; }
  section, details { padding: .9rem 1rem; }
  table { font-size: .82rem; }
  .number { padding-left: .5rem; }
  .word { display: block; }
}
`;
