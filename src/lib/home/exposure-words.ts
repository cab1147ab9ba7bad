import type { ExposureReport } from '../contract/exposure.ts'

export const OPEN_TITLE = 'Anyone who knows the address can use your Ollama'
export const OPEN_SENTENCE =
  'Porchlight sent a request to your tunnel without any password, as a stranger would, and Ollama answered with its models. Scanners find such homes within hours and use them.'

export const describeAdvisory = ({
  id,
  version,
  fixedIn,
}: NonNullable<ExposureReport['advisory']>) =>
  `Your Ollama ${version} has a security hole that attackers use (${id}). Update it at home to ${fixedIn} or newer.`
