/** Time to first token and streaming rate: through the Worker and directly at the same home, alternately. */
import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http'
import { serve } from '../tests/support/serve.ts'
import { fixed, median, spread, table, type Budget, type Spread } from './figures.ts'
import { startHomeApart } from './home.ts'

const RATES = [
  { tokensPerSecond: 200, tokens: 300 },
  { tokensPerSecond: 2000, tokens: 2000 },
] as const
const WARM_UPS = 3
const ROUNDS = 21
const MOST_ADDED_MS = 10
const LEAST_SHARE = 95
const NEWLINE = 10

type Rate = (typeof RATES)[number]

export interface StreamFigures {
  tokensPerSecond: number
  tokens: number
  rounds: number
  firstTokenMs: { direct: Spread; through: Spread; addedMedian: number }
  rate: { direct: number; through: number; percent: number }
  /** Of all measured requests. Each new connection costs a handshake that the other way may not have had. */
  newConnections: number
}

interface Sample {
  firstMs: number
  rate: number
  isNewConnection: boolean
}

interface Arrival {
  at: number
  /** Complete lines so far. */
  lines: number
}

export async function measureStreams(): Promise<StreamFigures[]> {
  const figures: StreamFigures[] = []
  for (const rate of RATES) figures.push(await measureRate(rate))
  return figures
}

async function measureRate(rate: Rate): Promise<StreamFigures> {
  const home = await startHomeApart(rate.tokensPerSecond)
  const server = await serve({ OLLAMA_URL: home.url })
  try {
    const direct = client(`${home.url}/api/generate`, rate.tokens)
    const through = client(`${server.url}/api/llm/generate`, rate.tokens)
    await takeTurns(WARM_UPS, direct, through)
    return boilDown(rate, await takeTurns(ROUNDS, direct, through))
  } finally {
    await server.stop()
    await home.stop()
  }
}

type Ask = () => Promise<Sample>

/** Alternately, so that other work on the machine affects both equally. */
async function takeTurns(rounds: number, direct: Ask, through: Ask) {
  const pairs: { direct: Sample; through: Sample }[] = []
  for (let round = 0; round < rounds; round++)
    pairs.push({ direct: await direct(), through: await through() })
  return pairs
}

function boilDown(rate: Rate, pairs: { direct: Sample; through: Sample }[]): StreamFigures {
  const direct = pairs.map((pair) => pair.direct)
  const through = pairs.map((pair) => pair.through)
  const rates = { direct: median(direct.map(rateOf)), through: median(through.map(rateOf)) }
  return {
    ...rate,
    rounds: pairs.length,
    firstTokenMs: {
      direct: spread(direct.map(firstOf)),
      through: spread(through.map(firstOf)),
      addedMedian: median(pairs.map((pair) => pair.through.firstMs - pair.direct.firstMs)),
    },
    rate: { ...rates, percent: (rates.through / rates.direct) * 100 },
    newConnections: [...direct, ...through].filter(({ isNewConnection }) => isNewConnection).length,
  }
}

const firstOf = ({ firstMs }: Sample) => firstMs
const rateOf = ({ rate }: Sample) => rate

function client(url: string, tokens: number): Ask {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const body = JSON.stringify({
    model: 'llama3.2:latest',
    prompt: `Count to ${tokens}`,
    options: { temperature: 0 },
  })
  const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }
  return async () => {
    const asking = request(url, { method: 'POST', agent, headers })
    const sentAt = performance.now()
    asking.end(body)
    const answer = await answerTo(asking)
    const arrivals = await readLines(answer, tokens)
    return { ...sampleOf(arrivals, sentAt, tokens), isNewConnection: !asking.reusedSocket }
  }
}

const answerTo = (asking: ClientRequest) =>
  new Promise<IncomingMessage>((resolve, reject) =>
    asking.once('response', resolve).once('error', reject),
  )

/** Lines are only counted as they arrive: parsing them would distort the measurement. */
async function readLines(answer: IncomingMessage, tokens: number): Promise<Arrival[]> {
  const arrivals: Arrival[] = []
  const chunks: Buffer[] = []
  let lines = 0
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    lines += chunk.reduce((count, byte) => count + (byte === NEWLINE ? 1 : 0), 0)
    arrivals.push({ at: performance.now(), lines })
  }
  const text = Buffer.concat(chunks).toString('utf8')
  const isWhole =
    answer.statusCode === 200 && lines === tokens + 1 && /"done":true[^\n]*\n$/.test(text)
  if (!isWhole) throw new Error(`unexpected answer (${answer.statusCode}): ${text.slice(-300)}`)
  return arrivals
}

function sampleOf(arrivals: Arrival[], sentAt: number, tokens: number) {
  const first = arrivals.find(({ lines }) => lines > 0)
  const last = arrivals.find(({ lines }) => lines >= tokens)
  if (!first || !last) throw new Error('no token arrived')
  return {
    firstMs: first.at - sentAt,
    rate: ((tokens - first.lines) * 1000) / (last.at - first.at),
  }
}

export function streamBudgets({ tokensPerSecond, firstTokenMs, rate }: StreamFigures): Budget[] {
  const at = `at ${tokensPerSecond} tokens/s`
  return [
    {
      what: `added to first token ${at}`,
      value: firstTokenMs.addedMedian,
      unit: 'ms',
      most: MOST_ADDED_MS,
    },
    { what: `streaming rate kept ${at}`, value: rate.percent, unit: '%', least: LEAST_SHARE },
  ]
}

export function showStreams(all: readonly StreamFigures[]): string {
  const rows = all.flatMap(({ tokensPerSecond, firstTokenMs, rate }) =>
    (['direct', 'through'] as const).map((way) => [
      String(tokensPerSecond),
      way,
      fixed(firstTokenMs[way].median),
      fixed(firstTokenMs[way].p95),
      fixed(rate[way]),
    ]),
  )
  const counts = all.map(({ tokensPerSecond, rounds, tokens, newConnections }) => {
    const requests = `${rounds} rounds of ${tokens} tokens each way at ${tokensPerSecond} tokens/s`
    return `  ${requests}, ${newConnections} of ${rounds * 2} requests on a new connection`
  })
  const head = ['home tokens/s', 'way', 'first token, median ms', 'p95 ms', 'rate, median tokens/s']
  return ['Stream', table(head, rows), ...counts].join('\n')
}
