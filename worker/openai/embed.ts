import { API_HEADERS } from '../http/headers.ts'
import { TIMEOUTS } from '../ollama/answer.ts'
import { ollamaAt } from '../ollama/client.ts'
import { HomeFailure } from '../ollama/failure.ts'
import { homeProblem } from '../ollama/home-problem.ts'
import { withQueueSlot, type Waiting } from '../runs/with-queue-slot.ts'
import type { Ports } from '../ports.ts'
import { embeddingList, embedRequest, isEmbedded, type EmbeddingsRequest } from './embeddings.ts'

/** Vectors for texts, in their turn. Who leaves ends the request at the home. */
export async function embed(
  ports: Ports,
  request: EmbeddingsRequest,
  waiting: Waiting,
): Promise<Response> {
  const told = await withQueueSlot(ports, waiting, async (slot) => {
    const answer = await ollamaAt(ports.config, TIMEOUTS, waiting.left).embed(embedRequest(request))
    slot.count(answer.prompt_eval_count)
    slot.giveBack()
    return answer
  }).catch(homeProblem(ports, request.model))
  if (!isEmbedded(told, request)) return homeProblem(ports, request.model)(oddAnswer())
  return Response.json(embeddingList(request, told), { headers: API_HEADERS })
}

const oddAnswer = () =>
  new HomeFailure(
    { kind: 'thrown', error: 'other', text: 'not a vector for each text', ms: 0 },
    'broken_line',
  )
