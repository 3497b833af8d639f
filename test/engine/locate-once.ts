/** Locates an engine with its own environment and says what it was told and what it found. @module */
import { locateEngine } from '../../src/engine/locate.js';

const found = await locateEngine({
  onProgress: (line) => {
    console.log(line);
  },
});
console.log(found.source);
