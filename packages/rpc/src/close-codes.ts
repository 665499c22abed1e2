/** Why a connection ends, as WebSocket close codes (RFC 6455 §7.4.1). */
export const CloseCode = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  policyViolation: 1008,
  internalError: 1011,
  tryAgainLater: 1013,
} as const;

const MAX_REASON_BYTES = 120;
const encoder = new TextEncoder();

/** A close frame has room for 123 bytes of reason; this is as much of it as fits, whole characters only. */
export function cutReason(reason: string): string {
  if (reason.length * 3 <= MAX_REASON_BYTES) return reason;
  return reason.slice(0, encoder.encodeInto(reason, new Uint8Array(MAX_REASON_BYTES)).read);
}
