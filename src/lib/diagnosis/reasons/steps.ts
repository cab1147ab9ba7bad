import type { Step } from './reason.ts'

// Steps that mend more than one thing.
export const SET_URL: Step = { text: 'Set the address of your tunnel.', command: '{setUrl}' }
export const OPEN_TUNNEL: Step = {
  text: 'At home, open a tunnel. It prints an address that ends in .trycloudflare.com.',
  command: 'cloudflared tunnel --url http://localhost:11434 --http-host-header localhost:11434',
}
export const START_OLLAMA: Step = { text: 'On the home machine, see that Ollama runs.', command: 'ollama serve' }
export const START_TUNNEL: Step = { text: 'On the home machine, start the tunnel again.', command: '{start}' }
export const WAKE: Step = { text: 'Wake the computer at home and see that it is online.' }
export const ASK_AT_HOME: Step = {
  text: 'On the home machine, ask Ollama itself.',
  command: 'curl http://localhost:11434/api/version',
}
