/**
 * fast-check for the tests: the inputs are the same at each run, so that a commit's tests answer the same each time.
 * `SOCKLENS_TEST_SEED` sets another seed, and the word `random` draws one anew; a failure prints the seed that it had.
 */
import fc from "fast-check";

const fixedSeed = 20_261_121;

/** The seed that `text` of the environment asks for, or undefined to draw one. */
function seedOf(text: string | undefined): number | undefined {
  if (text === undefined || text === "") return fixedSeed;
  if (text === "random") return undefined;
  const seed = Number(text);
  if (!Number.isInteger(seed)) throw new Error(`SOCKLENS_TEST_SEED is "${text}": give a whole number, or random`);
  return seed;
}

const seed = seedOf(process.env["SOCKLENS_TEST_SEED"]);
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });

export default fc;
