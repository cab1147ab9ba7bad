import { buildIfChanged } from '../../../scripts/build.ts'

/** Once, before the first Porchlight is started. */
export default async function setup() {
  await buildIfChanged((text) => process.stderr.write(`${text}\n`))
}
