/** A certificate and the private key that belongs to it; the key is a secret and goes to disk with mode 0600 only. */
export interface Credential {
  /** One X.509 certificate in PEM, ending in a newline. */
  readonly cert: string;
  /** PKCS #8 in PEM, ending in a newline. */
  readonly key: string;
}
