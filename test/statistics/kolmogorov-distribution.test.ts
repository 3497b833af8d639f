/** The Kolmogorov–Smirnov distribution against scipy's. @module */

import { kolmogorovSurvival } from '../../src/statistics/kolmogorov-distribution.js';
import { assertRelativelyClose, distributionCases } from './fixture.js';

describe('the Kolmogorov–Smirnov distribution', () => {
  it('agrees with scipy in every regime of its formulas, tails included', () => {
    for (const [n, x, expected] of distributionCases().kolmogorov) {
      assertRelativelyClose(kolmogorovSurvival(n, x), expected, `D of ${x} with n = ${n}`);
    }
  });
});
