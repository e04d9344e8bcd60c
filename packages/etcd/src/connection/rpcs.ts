import type {
  IAlarmRequest,
  IAlarmResponse,
  IAuthRoleAddRequest,
  IAuthRoleDeleteRequest,
  IAuthRoleGetRequest,
  IAuthRoleGetResponse,
  IAuthRoleGrantPermissionRequest,
  IAuthRoleListResponse,
  IAuthRoleRevokePermissionRequest,
  IAuthStatusResponse,
  IAuthenticateRequest,
  IAuthUserAddRequest,
  IAuthUserDeleteRequest,
  IAuthUserGetRequest,
  IAuthUserGetResponse,
  IAuthUserGrantRoleRequest,
  IAuthUserListResponse,
  IAuthUserRevokeRoleRequest,
  ICompactionRequest,
  ILeaseGrantRequest,
  ILeaseGrantResponse,
  ILeaseRevokeRequest,
  ILeaseTimeToLiveRequest,
  ILeaseTimeToLiveResponse,
  IMemberListResponse,
  IPutRequest,
  IRangeRequest,
  IRangeResponse,
  IResponseHeader,
  IStatusResponse,
  ITxnRequest,
  ITxnResponse,
} from "etcd3";

type Rpc<Request, Response> = { readonly request: Request; readonly response: Response };
type Done = { readonly header: IResponseHeader };
type Nothing = Readonly<Record<string, never>>;

/** The unary calls that are used, by the names that etcd's service definition gives them. @see etcd api/etcdserverpb/rpc.proto */
export type Rpcs = {
  range: Rpc<IRangeRequest, IRangeResponse>;
  put: Rpc<IPutRequest, Done>;
  txn: Rpc<ITxnRequest, ITxnResponse>;
  compact: Rpc<ICompactionRequest, Done>;
  leaseGrant: Rpc<ILeaseGrantRequest, ILeaseGrantResponse>;
  leaseRevoke: Rpc<ILeaseRevokeRequest, Done>;
  leaseTimeToLive: Rpc<ILeaseTimeToLiveRequest, ILeaseTimeToLiveResponse>;
  memberList: Rpc<{ readonly linearizable?: boolean }, IMemberListResponse>;
  status: Rpc<Nothing, IStatusResponse>;
  alarm: Rpc<IAlarmRequest, IAlarmResponse>;
  defragment: Rpc<Nothing, Done>;
  authEnable: Rpc<Nothing, Done>;
  authStatus: Rpc<Nothing, IAuthStatusResponse>;
  authenticate: Rpc<IAuthenticateRequest, Done>;
  userAdd: Rpc<IAuthUserAddRequest, Done>;
  userDelete: Rpc<IAuthUserDeleteRequest, Done>;
  userGet: Rpc<IAuthUserGetRequest, IAuthUserGetResponse>;
  userList: Rpc<Nothing, IAuthUserListResponse>;
  userGrantRole: Rpc<IAuthUserGrantRoleRequest, Done>;
  userRevokeRole: Rpc<IAuthUserRevokeRoleRequest, Done>;
  roleAdd: Rpc<IAuthRoleAddRequest, Done>;
  roleDelete: Rpc<IAuthRoleDeleteRequest, Done>;
  roleGet: Rpc<IAuthRoleGetRequest, IAuthRoleGetResponse>;
  roleList: Rpc<Nothing, IAuthRoleListResponse>;
  roleGrantPermission: Rpc<IAuthRoleGrantPermissionRequest, Done>;
  roleRevokePermission: Rpc<IAuthRoleRevokePermissionRequest, Done>;
};

export type RpcName = keyof Rpcs;

export const SERVICE_OF = {
  range: "KV",
  put: "KV",
  txn: "KV",
  compact: "KV",
  leaseGrant: "Lease",
  leaseRevoke: "Lease",
  leaseTimeToLive: "Lease",
  memberList: "Cluster",
  status: "Maintenance",
  alarm: "Maintenance",
  defragment: "Maintenance",
  authEnable: "Auth",
  authStatus: "Auth",
  authenticate: "Auth",
  userAdd: "Auth",
  userDelete: "Auth",
  userGet: "Auth",
  userList: "Auth",
  userGrantRole: "Auth",
  userRevokeRole: "Auth",
  roleAdd: "Auth",
  roleDelete: "Auth",
  roleGet: "Auth",
  roleList: "Auth",
  roleGrantPermission: "Auth",
  roleRevokePermission: "Auth",
} as const satisfies Record<RpcName, string>;

/** Services that a member without a leader cannot serve; the others tell how it is. */
export const NEEDS_LEADER = {
  KV: true,
  Lease: true,
  Auth: true,
  Cluster: false,
  Maintenance: false,
} as const satisfies Record<(typeof SERVICE_OF)[RpcName], boolean>;
