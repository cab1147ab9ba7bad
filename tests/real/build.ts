import { buildIfChanged } from '../../scripts/build.ts'

/** Once, before the first Porchlight is started. */
export default () => buildIfChanged((text) => process.stderr.write(`${text}\n`))
