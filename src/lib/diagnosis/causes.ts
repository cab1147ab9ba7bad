/**
 * Causes are part of the API's contract: a closed, coarse, stable list. Strangers see only the title; `about` explains the
 * cause to a newcomer. Reasons (reasons/) are fine-grained, for the owner only, and new ones may be added.
 */
export const CAUSES = {
  ok: {
    title: 'Everything answers',
    about:
      'The address resolves, the tunnel leads home, Ollama answers, and the models that you want are installed.',
  },
  not_configured: {
    title: 'Not set up yet',
    about:
      'Porchlight does not know where your home is (the address of your tunnel is missing, or cannot be read), or a deployed Porchlight does not know who its owner is.',
  },
  address_unreachable: {
    title: 'The address only works at home',
    about:
      'Some addresses mean something only inside one machine or one network: localhost, 192.168.…, the names of containers. Seen from the internet they lead nowhere. A tunnel gives your home an address that works from outside.',
  },
  dns_failure: {
    title: 'The address does not resolve',
    about:
      'Before Porchlight can connect, the name has to be turned into an address. That fails here: the name does not exist, has no address, or its name servers are broken. Your computer at home may be working perfectly.',
  },
  connection_failed: {
    title: 'The connection fails',
    about:
      'The name leads to an address, but no usable connection can be made: nothing accepts it, or it breaks. Usually the program that should listen there (a tunnel, a proxy, Ollama) is not running, or a firewall is in between.',
  },
  tls_failure: {
    title: 'The certificate or encryption fails',
    about:
      'Something accepts the connection, but the two sides cannot agree on encryption, or the certificate cannot be trusted. Porchlight never ignores this: anyone in between could read and change everything.',
  },
  tunnel_down: {
    title: 'Tunnel is down',
    about:
      'The provider of your tunnel answers and knows your name, but nothing at home is connected to it. The computer is asleep or offline, or the tunnel’s program has stopped.',
  },
  tunnel_misrouted: {
    title: 'The tunnel leads elsewhere',
    about:
      'A tunnel or a proxy answers, but it has no rule that leads from this name to Ollama, or it redirects to somewhere else.',
  },
  access_blocked: {
    title: 'Access is blocked',
    about:
      'The address answers, but something in front of Ollama refuses the request on purpose: a login, a password, a firewall rule, a limit, a page that demands a browser.',
  },
  ollama_down: {
    title: 'Ollama does not answer',
    about:
      'Your home can be reached, but nothing answers where Ollama should be. It is not running, it listens on another port, or the tunnel points at the wrong place.',
  },
  host_rejected: {
    title: 'Ollama refuses this host name',
    about:
      'When Ollama listens on localhost, it accepts only the names of its own machine, so that web pages cannot misuse it. Most tunnels pass on the public name, and Ollama refuses it with an empty 403. The tunnel has to send another name; nothing on Porchlight’s side can fix this.',
  },
  not_ollama: {
    title: 'Something else answers',
    about:
      'A program answers at the address, but it is not Ollama. Usually the tunnel points at the wrong port.',
  },
  ollama_outdated: {
    title: 'Ollama is too old',
    about: 'Ollama answers, but it does not know a route that Porchlight needs.',
  },
  ollama_error: {
    title: 'Ollama answers with an error',
    about:
      'Ollama itself reports that something is wrong, with the request or with its own files. Its log has the details.',
  },
  ollama_busy: {
    title: 'Ollama is busy',
    about:
      'Ollama works, but has more requests waiting than it accepts. It is free again when they are done.',
  },
  split_home: {
    title: 'Two different servers answer',
    about:
      'The same request gets different answers, moments apart: two servers share one address. Often a native Ollama and one in a container listen on the same port, and which of them answers is chance. Models and versions then seem to come and go.',
  },
  model_missing: {
    title: 'The model is not on your home machine',
    about:
      'Ollama answers, but the model that you want is not installed there. It has to be pulled once.',
  },
  model_failed: {
    title: 'The model fails',
    about:
      'Ollama answers, but the model cannot be loaded, or its process ends in the middle: too little memory, a damaged file, a crash.',
  },
  generation_stuck: {
    title: 'The answer stopped coming',
    about:
      'Ollama answers every other request, but no text arrives, or the text stops. The model’s process may hang, or be busy with something long.',
  },
  timed_out: {
    title: 'No answer in time',
    about:
      'Something accepted the request and then stayed silent until the timeout. A machine that sleeps, a program that hangs and a connection that is frozen look the same from outside.',
  },
  observer_blind: {
    title: 'Porchlight cannot check right now',
    about:
      'The server that runs the check cannot reach anything at the moment, so it cannot tell how your home is.',
  },
  unknown: {
    title: 'This failure has no name yet',
    about:
      'The response matches no failure that we know. Everything that was seen is kept, so that you can copy it when you ask for help.',
  },
} as const satisfies Record<string, { title: string; about: string }>

export type Cause = keyof typeof CAUSES
