/** What a request is signed with. The objects are never changed: derived keys are remembered by them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials; Lambda's own are temporary. */
  readonly sessionToken?: string;
}

/**
 * Asked before each attempt, so that renewed credentials are used at once.
 * @param expired those that the service has just called expired, before the time that it gave: others are wanted, if there are any
 */
export type CredentialSource = (expired?: Credentials) => Credentials | Promise<Credentials>;
