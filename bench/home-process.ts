/** The child process of `home.ts`. It ends with its parent. */
import { startHome } from '../simulator/home.ts'
import { DEMO_MODELS } from '../simulator/models.ts'

const [tokensPerSecond, count] = process.argv.slice(2).map(Number)
const [first] = DEMO_MODELS
const many = Array.from({ length: count ?? 0 }, (_, nth) => ({
  ...first,
  name: `model-${nth}:latest`,
  warm: nth === 0,
}))
const home = await startHome({ tokensPerSecond, ...(many.length > 0 ? { models: many } : {}) })
process.send?.({ url: home.url, control: home.control })
process.once('disconnect', () => process.exit())
