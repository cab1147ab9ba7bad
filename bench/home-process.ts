/** The child process of `home.ts`. It ends with its parent. */
import { startHome } from '../simulator/home.ts'

const home = await startHome({ tokensPerSecond: Number(process.argv[2]) })
process.send?.({ url: home.url, control: home.control })
process.once('disconnect', () => process.exit())
