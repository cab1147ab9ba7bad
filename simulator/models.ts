/** The models of a home, and the two homes that tests share. */
import { createHash } from 'node:crypto'

export type Capability = 'completion' | 'tools' | 'insert' | 'vision' | 'embedding' | 'thinking'

export interface Message {
  role: string
  content: string
}

export interface Model {
  name: string
  size: number
  digest: string
  family: string
  parameterSize: string
  quantization: string
  capabilities: readonly Capability[]
  /** The context that the model was trained for; `numCtx` is the one it runs with. */
  contextLength: number
  loadMs: number
  numCtx?: number
  /** Models with the same weights file share a runner. */
  weights?: string
  /** 0: no GPU, and then only one model fits at a time. */
  gpuShare?: number
  modifiedAt?: string
  warm?: boolean
  system?: string
  parameters?: Readonly<Record<string, string | number>>
  messages?: readonly Message[]
  remote?: { model: string; host: string }
  /** Damaged files: the errors of `show` and of a load. */
  showError?: string
  loadError?: string
}

export const DEFAULT_NUM_CTX = 4096

const digestOf = (name: string): string =>
  createHash('sha256').update(`porchlight ${name}`).digest('hex')

export const DEMO_MODELS = [
  {
    name: 'llama3.2:latest',
    size: 2_019_393_189,
    digest: digestOf('llama3.2'),
    family: 'llama',
    parameterSize: '3.2B',
    quantization: 'Q4_K_M',
    capabilities: ['completion', 'tools'],
    contextLength: 131_072,
    loadMs: 2500,
    warm: true,
  },
  {
    name: 'mistral:latest',
    size: 4_113_301_824,
    digest: digestOf('mistral'),
    family: 'llama',
    parameterSize: '7.2B',
    quantization: 'Q4_0',
    capabilities: ['completion', 'tools'],
    contextLength: 32_768,
    loadMs: 4000,
  },
  {
    name: 'codellama:7b',
    size: 3_825_910_662,
    digest: digestOf('codellama'),
    family: 'llama',
    parameterSize: '7B',
    quantization: 'Q4_0',
    capabilities: ['completion', 'insert'],
    contextLength: 16_384,
    loadMs: 3500,
  },
] as const satisfies readonly Model[]

/** Another Ollama at the same address: the second backend of a proxy. */
export const OTHER_MODELS = [
  {
    name: 'qwen3:0.6b',
    size: 522_653_767,
    digest: digestOf('qwen3'),
    family: 'qwen3',
    parameterSize: '751.63M',
    quantization: 'Q4_K_M',
    capabilities: ['completion', 'tools', 'thinking'],
    contextLength: 40_960,
    loadMs: 800,
  },
] as const satisfies readonly Model[]

const STOP = { stop: '<end_of_turn>', temperature: 1, top_k: 64, top_p: 0.95 } as const
const PLAIN = 'cb7eacecbfe47a7a8a965f5c42cfeaaa2ebdb93f700b74b26825950d45b09da4'

const GEMMA: Model = {
  name: 'gemma3:270m',
  size: 253_113_866,
  digest: PLAIN,
  family: 'gemma3',
  parameterSize: '268.10M',
  quantization: 'Q4_K_M',
  capabilities: ['completion'],
  contextLength: 32_768,
  loadMs: 1100,
  weights: 'first',
  gpuShare: 0,
  parameters: STOP,
}

const gemma = (name: string, modifiedAt: string, more: Partial<Model> = {}): Model => ({
  ...GEMMA,
  name,
  modifiedAt: `2026-11-23T${modifiedAt}Z`,
  ...more,
})

const turns = (...pairs: (readonly [string, string])[]): Message[] =>
  pairs.flatMap(([asked, said]) => [
    { role: 'user', content: asked },
    { role: 'assistant', content: said },
  ])

const weather = (city: string) =>
  [
    `What is the weather in ${city}?`,
    `<tool_call>{"name": "get_weather", "parameters": {"city": "${city}"}}</tool_call>`,
  ] as const
const sum = (a: string, b: string, result: number) =>
  [
    `What is ${a} + ${b}?`,
    `<think>${a} and ${b} make ${result}.</think>\nThe answer is ${result}.`,
  ] as const

/** The home in which the recordings were made, in the order of its /api/tags. */
export const RECORDED_MODELS: readonly Model[] = [
  gemma('gpt-oss:120b-cloud', '21:00:53.308605299', {
    size: 346,
    digest: '71170f6fcc6ceec238eb9d3b6070b1597c35403a308fc342a1eaa0ecd8d40fc3',
    family: 'gptoss',
    parameterSize: '',
    quantization: '',
    capabilities: ['completion', 'tools', 'thinking'],
    contextLength: 131_072,
    parameters: {},
    remote: { model: 'gpt-oss:120b', host: 'https://ollama.com:443' },
  }),
  gemma('torn:latest', '20:54:14.632134549', {
    size: 253_113_294,
    digest: digestOf('torn'),
    weights: 'torn',
    showError: 'EOF',
    loadError: 'EOF',
  }),
  gemma('broken:latest', '20:54:12.413069735', {
    size: 253_113_294,
    digest: digestOf('broken'),
    weights: 'broken',
    parameters: {},
    loadError: 'llama runner process has terminated: exit status 2',
  }),
  gemma('embeddinggemma:latest', '20:54:09.942976285', {
    size: 253_281_390,
    digest: digestOf('embeddinggemma'),
    parameterSize: '268.14M',
    capabilities: ['embedding'],
    weights: 'embed',
    parameters: {},
  }),
  gemma('phi3:mini', '20:54:07.354704453', { digest: digestOf('phi3'), weights: 'second' }),
  gemma('gemma3:270m', '20:54:04.623566632'),
  gemma('mistral:latest', '20:54:04.630457725'),
  gemma('gemma3:270m-ctx512', '20:54:04.703497822', {
    digest: digestOf('ctx512'),
    parameters: { ...STOP, num_ctx: 512 },
    numCtx: 512,
  }),
  gemma('gemma3-think:270m', '20:54:04.882922412', {
    digest: digestOf('think'),
    capabilities: ['completion', 'thinking'],
    messages: turns(sum('2', '2', 4), sum('3', '1', 4), sum('5', '2', 7)),
  }),
  gemma('gemma3-tools:270m', '20:54:04.820964176', {
    digest: digestOf('tools'),
    capabilities: ['completion', 'tools'],
    messages: turns(weather('Paris'), weather('Oslo'), weather('Madrid')),
  }),
  gemma('llama3.2:latest', '20:54:04.626922403'),
  gemma('pirate:latest', '20:54:04.769608702', {
    digest: digestOf('pirate'),
    system: 'You are a pirate. Answer in one short sentence.',
  }),
  gemma('codellama:7b', '20:54:04.630922403'),
]
