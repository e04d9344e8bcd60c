/**
 * Which keys systemd knows in which section: what `systemd --dump-configuration-items` of 252 (Debian 12) prints, and the keys that came
 * later up to 258, which Flatcar has. A key outside of it is ignored by systemd with a line in the journal that nobody reads.
 */
const UNIT = words(`
  Description Documentation SourcePath Requires Requisite Wants BindsTo BindTo Upholds Conflicts Before After OnSuccess OnFailure
  PropagatesReloadTo PropagateReloadTo ReloadPropagatedFrom PropagateReloadFrom PropagatesStopTo StopPropagatedFrom PartOf
  JoinsNamespaceOf RequiresMountsFor StopWhenUnneeded RefuseManualStart RefuseManualStop AllowIsolate DefaultDependencies OnSuccessJobMode
  OnFailureJobMode OnFailureIsolate IgnoreOnIsolate JobTimeoutSec JobRunningTimeoutSec JobTimeoutAction JobTimeoutRebootArgument
  StartLimitIntervalSec StartLimitInterval StartLimitBurst StartLimitAction FailureAction SuccessAction FailureActionExitStatus
  SuccessActionExitStatus RebootArgument ConditionPathExists ConditionPathExistsGlob ConditionPathIsDirectory ConditionPathIsSymbolicLink
  ConditionPathIsMountPoint ConditionPathIsReadWrite ConditionPathIsEncrypted ConditionDirectoryNotEmpty ConditionFileNotEmpty
  ConditionFileIsExecutable ConditionNeedsUpdate ConditionFirstBoot ConditionArchitecture ConditionFirmware ConditionVirtualization
  ConditionHost ConditionKernelCommandLine ConditionKernelVersion ConditionCredential ConditionSecurity ConditionCapability
  ConditionACPower ConditionMemory ConditionCPUFeature ConditionCPUs ConditionEnvironment ConditionUser ConditionGroup
  ConditionControlGroupController ConditionOSRelease ConditionMemoryPressure ConditionCPUPressure ConditionIOPressure AssertPathExists
  AssertPathExistsGlob AssertPathIsDirectory AssertPathIsSymbolicLink AssertPathIsMountPoint AssertPathIsReadWrite AssertPathIsEncrypted
  AssertDirectoryNotEmpty AssertFileNotEmpty AssertFileIsExecutable AssertNeedsUpdate AssertFirstBoot AssertArchitecture
  AssertVirtualization AssertHost AssertKernelCommandLine AssertKernelVersion AssertCredential AssertSecurity AssertCapability
  AssertACPower AssertMemory AssertCPUFeature AssertCPUs AssertEnvironment AssertUser AssertGroup AssertControlGroupController
  AssertOSRelease AssertMemoryPressure AssertCPUPressure AssertIOPressure CollectMode WantsMountsFor SurviveFinalKillSignal
  ConditionVersion
`);
const INSTALL = words(`
  Alias WantedBy RequiredBy Also DefaultInstance
`);
const CGROUP = words(`
  Slice AllowedCPUs StartupAllowedCPUs AllowedMemoryNodes StartupAllowedMemoryNodes CPUAccounting CPUWeight StartupCPUWeight CPUShares
  StartupCPUShares CPUQuota CPUQuotaPeriodSec MemoryAccounting MemoryMin DefaultMemoryMin DefaultMemoryLow MemoryLow MemoryHigh MemoryMax
  MemorySwapMax MemoryLimit DeviceAllow DevicePolicy IOAccounting IOWeight StartupIOWeight IODeviceWeight IOReadBandwidthMax
  IOWriteBandwidthMax IOReadIOPSMax IOWriteIOPSMax IODeviceLatencyTargetSec BlockIOAccounting BlockIOWeight StartupBlockIOWeight
  BlockIODeviceWeight BlockIOReadBandwidth BlockIOWriteBandwidth TasksAccounting TasksMax Delegate DisableControllers IPAccounting
  IPAddressAllow IPAddressDeny IPIngressFilterPath IPEgressFilterPath ManagedOOMSwap ManagedOOMMemoryPressure
  ManagedOOMMemoryPressureLimit ManagedOOMPreference BPFProgram SocketBindAllow SocketBindDeny RestrictNetworkInterfaces
  MemoryPressureWatch MemoryPressureThresholdSec CoredumpReceive MemoryZSwapWriteback NFTSet ManagedOOMMemoryPressureDurationSec
`);
const EXEC = words(`
  TimeoutSec WorkingDirectory RootDirectory RootImage RootImageOptions RootHash RootHashSignature RootVerity ExtensionDirectories
  ExtensionImages MountImages User Group SupplementaryGroups Nice OOMScoreAdjust CoredumpFilter IOSchedulingClass IOSchedulingPriority
  CPUSchedulingPolicy CPUSchedulingPriority CPUSchedulingResetOnFork CPUAffinity NUMAPolicy NUMAMask UMask Environment EnvironmentFile
  PassEnvironment UnsetEnvironment DynamicUser RemoveIPC StandardInput StandardOutput StandardError StandardInputText StandardInputData
  TTYPath TTYReset TTYVHangup TTYVTDisallocate TTYRows TTYColumns SyslogIdentifier SyslogFacility SyslogLevel SyslogLevelPrefix
  LogLevelMax LogRateLimitIntervalSec LogRateLimitBurst LogExtraFields SecureBits CapabilityBoundingSet AmbientCapabilities TimerSlackNSec
  NoNewPrivileges KeyringMode ProtectProc ProcSubset SystemCallFilter SystemCallArchitectures SystemCallErrorNumber SystemCallLog
  MemoryDenyWriteExecute RestrictNamespaces RestrictRealtime RestrictSUIDSGID RestrictAddressFamilies LockPersonality RestrictFileSystems
  LimitCPU LimitFSIZE LimitDATA LimitSTACK LimitCORE LimitRSS LimitNOFILE LimitAS LimitNPROC LimitMEMLOCK LimitLOCKS LimitSIGPENDING
  LimitMSGQUEUE LimitNICE LimitRTPRIO LimitRTTIME ReadWriteDirectories ReadOnlyDirectories InaccessibleDirectories ReadWritePaths
  ReadOnlyPaths InaccessiblePaths ExecPaths NoExecPaths ExecSearchPath BindPaths BindReadOnlyPaths TemporaryFileSystem PrivateTmp
  PrivateDevices ProtectKernelTunables ProtectKernelModules ProtectKernelLogs ProtectClock ProtectControlGroups NetworkNamespacePath
  IPCNamespacePath LogNamespace PrivateNetwork PrivateUsers PrivateMounts PrivateIPC ProtectSystem ProtectHome MountFlags MountAPIVFS
  Personality RuntimeDirectoryPreserve RuntimeDirectoryMode RuntimeDirectory StateDirectoryMode StateDirectory CacheDirectoryMode
  CacheDirectory LogsDirectoryMode LogsDirectory ConfigurationDirectoryMode ConfigurationDirectory SetCredential SetCredentialEncrypted
  LoadCredential LoadCredentialEncrypted TimeoutCleanSec PAMName IgnoreSIGPIPE UtmpIdentifier UtmpMode SELinuxContext AppArmorProfile
  SmackProcessLabel ProtectHostname SendSIGKILL SendSIGHUP KillMode KillSignal RestartKillSignal FinalKillSignal WatchdogSignal
  ImportCredential RootEphemeral MemoryKSM SetLoginEnvironment BindLogSockets PrivatePIDs PrivateBPF UserNamespacePath
`);
const SERVICE = words(`
  PIDFile ExecCondition ExecStartPre ExecStart ExecStartPost ExecReload ExecStop ExecStopPost RestartSec TimeoutStartSec TimeoutStopSec
  TimeoutAbortSec TimeoutStartFailureMode TimeoutStopFailureMode RuntimeMaxSec RuntimeRandomizedExtraSec WatchdogSec StartLimitInterval
  StartLimitBurst StartLimitAction FailureAction RebootArgument Type ExitType Restart PermissionsStartOnly RootDirectoryStartOnly
  RemainAfterExit GuessMainPID RestartPreventExitStatus RestartForceExitStatus SuccessExitStatus NonBlocking BusName
  FileDescriptorStoreMax NotifyAccess Sockets USBFunctionDescriptors USBFunctionStrings OOMPolicy RestartSteps RestartMaxDelaySec
  RestartMode OpenFile FileDescriptorStorePreserve ReloadSignal RefreshOnReload
`);
const SOCKET = words(`
  ListenStream ListenDatagram ListenSequentialPacket ListenFIFO ListenNetlink ListenSpecial ListenMessageQueue ListenUSBFunction
  SocketProtocol BindIPv6Only Backlog BindToDevice ExecStartPre ExecStartPost ExecStopPre ExecStopPost SocketUser SocketGroup SocketMode
  DirectoryMode Accept FlushPending Writable MaxConnections MaxConnectionsPerSource KeepAlive KeepAliveTimeSec KeepAliveIntervalSec
  KeepAliveProbes DeferAcceptSec NoDelay Priority ReceiveBuffer SendBuffer IPTOS IPTTL Mark PipeSize FreeBind Transparent Broadcast
  PassCredentials PassSecurity PassPacketInfo Timestamping TCPCongestion ReusePort MessageQueueMaxMessages MessageQueueMessageSize
  RemoveOnStop Symlinks FileDescriptorName Service TriggerLimitIntervalSec TriggerLimitBurst SmackLabel SmackLabelIPIn SmackLabelIPOut
  SELinuxContextFromNet PassFileDescriptorsToExec PollLimitIntervalSec PollLimitBurst PassPIDFD AcceptFileDescriptors
`);
const TIMER = words(`
  OnCalendar OnActiveSec OnBootSec OnStartupSec OnUnitActiveSec OnUnitInactiveSec OnClockChange OnTimezoneChange Persistent WakeSystem
  RemainAfterElapse FixedRandomDelay AccuracySec RandomizedDelaySec Unit DeferReactivation
`);
const PATH = words(`
  PathExists PathExistsGlob PathChanged PathModified DirectoryNotEmpty Unit MakeDirectory DirectoryMode TriggerLimitIntervalSec
  TriggerLimitBurst
`);
const MOUNT = words(`
  What Where Options Type DirectoryMode SloppyOptions LazyUnmount ForceUnmount ReadWriteOnly
`);
const AUTOMOUNT = words(`
  Where ExtraOptions DirectoryMode TimeoutIdleSec
`);
const SWAP = words(`
  What Priority Options
`);
const SCOPE = words(`
  RuntimeMaxSec RuntimeRandomizedExtraSec TimeoutStopSec OOMPolicy
`);

const EXECUTES = [...EXEC, ...CGROUP];

/** By section, in systemd's own order. */
export const SYSTEMD_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ["Unit", UNIT],
  ["Install", INSTALL],
  ["Service", [...SERVICE, ...EXECUTES]],
  ["Socket", [...SOCKET, ...EXECUTES]],
  ["Mount", [...MOUNT, ...EXECUTES]],
  ["Swap", [...SWAP, ...EXECUTES]],
  ["Slice", CGROUP],
  ["Scope", [...SCOPE, ...EXECUTES]],
  ["Timer", TIMER],
  ["Path", PATH],
  ["Automount", AUTOMOUNT],
]);

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
