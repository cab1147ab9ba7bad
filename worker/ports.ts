import type { AlertsPort } from './alerts/port.ts'
import type { AuthPort } from './auth/port.ts'
import type { Config } from './config.ts'
import type { DiagnosisPort, ExposurePort } from './diagnosis/port.ts'
import type { WarmUpPort } from './models/port.ts'
import type { MonitoringPort } from './monitoring/port.ts'
import type { QueuePort, RunsPort } from './runs/port.ts'
import type { SettingsPort } from './settings/port.ts'
import type { SharesPort } from './shares/port.ts'

/** What each feature of `Home` offers to the API, without the platform's types: they would end up in the page. */
export interface HomePorts {
  alerts: AlertsPort
  auth: AuthPort
  diagnosis: DiagnosisPort
  exposure: ExposurePort
  monitoring: MonitoringPort
  /** `queue` is a name that the platform reserves on every stub. */
  runQueue: QueuePort
  runs: RunsPort
  settings: SettingsPort
  shares: SharesPort
  warmUp: WarmUpPort
}

/** Everything the API needs. */
export interface Ports extends HomePorts {
  config: Config
}

/** The implementation of a port. Callers always await, so it may return a value instead of a promise. */
export type Implements<Port> = {
  [Name in keyof Port]: Port[Name] extends (...args: infer Args) => Promise<infer Result>
    ? (...args: Args) => Result | Promise<Result>
    : never
}
