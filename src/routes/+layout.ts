// The shell is painted before any script runs; what it shows then is the state "checking".
export const prerender = true
