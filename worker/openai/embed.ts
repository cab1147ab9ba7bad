import { API_HEADERS } from '../http/headers.ts'
import { TIMEOUTS } from '../ollama/answer.ts'
import { ollamaAt } from '../ollama/client.ts'
import { HomeFailure } from '../ollama/failure.ts'
import { homeProblem } from '../ollama/home-problem.ts'
import { withQueueSlot, type Waiting } from '../runs/with-queue-slot.ts'
import type { Ports } from '../ports.ts'
import { embeddingList, embedRequest, isEmbedded, type EmbeddingsRequest } from './embeddings.ts'

/** Requests embeddings in a queue slot. When the client disconnects, the request at the home ends. */
export async function embed(
  ports: Ports,
  request: EmbeddingsRequest,
  waiting: Waiting,
): Promise<Response> {
  const answer = await withQueueSlot(ports, waiting, async (slot) => {
    const ollama = ollamaAt(ports.config, TIMEOUTS, waiting.left)
    const embedded = await ollama.embed(embedRequest(request))
    slot.count(embedded.prompt_eval_count)
    slot.giveBack()
    return embedded
  }).catch(homeProblem(ports, request.model))
  if (!isEmbedded(answer, request)) return homeProblem(ports, request.model)(invalidAnswer())
  return Response.json(embeddingList(request, answer), { headers: API_HEADERS })
}

const invalidAnswer = () =>
  new HomeFailure(
    { kind: 'thrown', error: 'other', text: 'not a vector for each text', ms: 0 },
    'broken_line',
  )
