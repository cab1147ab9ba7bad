export {
  isAddressLiteral,
  reachOf,
  readAddress,
  type Address,
  type AddressFault,
} from './address.ts'
export { CAUSES, type Cause } from './causes.ts'
export type {
  Answer,
  Evidence,
  Handshake,
  Resolution,
  Response,
  Socket,
  Thrown,
  GenerationAttempt,
} from './evidence.ts'
export { isFromCache, judge, judgeAddress, judgeConfiguration } from './judge.ts'
export { isCloudName, nearestNames, normalName, sameModel } from './names.ts'
export {
  haveSameBody,
  errorText,
  isOllamaError,
  listedModels,
  loadedEntry,
  versionOf,
} from './ollama.ts'
export { REASONS, reason, type ReasonName, type Step, type Variant } from './reasons/index.ts'
export { judgeGenerationError, reasonForMessage } from './generation-errors.ts'
export { LADDER, RUNGS, type Finding, type Rung } from './rungs.ts'
export { passedSoFar } from './findings.ts'
export type { Verdict } from './conclusion.ts'
export { conclude, helpFor } from './verdict.ts'
