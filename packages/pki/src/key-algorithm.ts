/** Every key of the house: ECDSA on P-256, the curve that etcd, Docker, OpenSSL and Node all take without configuration. */
export const KEY_ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;

/** How certificates are signed. */
export const SIGNATURE_ALGORITHM = { name: "ECDSA", hash: "SHA-256" } as const;
