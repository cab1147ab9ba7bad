import type { StepTemplate } from './reason.ts'

// Steps that several reasons share.
export const SET_URL: StepTemplate = {
  text: 'Set the address of your tunnel.',
  command: '{setUrl}',
}
export const OPEN_IN_NETWORK: StepTemplate = {
  text: 'Without a tunnel: let Ollama listen on your home network, behind a firewall.',
  command: '{openOllama}',
}
export const OPEN_TUNNEL: StepTemplate = {
  text: 'At home, open a tunnel. It prints an address.',
  command: '{start}',
}
export const START_OLLAMA: StepTemplate = {
  text: 'On the home machine, make sure that Ollama is running.',
  command: '{startOllama}',
}
export const START_TUNNEL: StepTemplate = {
  text: 'On the home machine, start the tunnel again.',
  command: '{start}',
}
export const CHECK_TUNNEL: StepTemplate = {
  text: 'On the home machine, check whether the tunnel is up.',
  command: '{tunnelState}',
}
export const WAKE: StepTemplate = { text: 'Wake the computer at home and check that it is online.' }
export const ASK_AT_HOME: StepTemplate = {
  text: 'On the home machine, ask Ollama directly.',
  command: 'curl http://localhost:11434/api/version',
}
export const READ_LOG: StepTemplate = {
  text: 'Read Ollama’s log on the home machine.',
  command: '{ollamaLog}',
}
export const POINT_AT_OLLAMA: StepTemplate = {
  text: 'Point the tunnel at Ollama’s port, 11434.',
  command: '{point}',
}
export const INSPECT_CERTIFICATE: StepTemplate = {
  text: 'Inspect the certificate.',
  command: 'openssl s_client -connect {host}:{port} -servername {host} </dev/null',
}
export const LET_THROUGH: StepTemplate = {
  text: 'Let requests to /api/ pass without the login, or set a token for them.',
  command: '{setAuthorization}',
}
export const COPY_REPORT: StepTemplate = {
  text: 'Copy what was seen and send it to the person who runs this address.',
}
