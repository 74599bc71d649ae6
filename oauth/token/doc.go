// Package token is what an application asks for tokens and asks about them: /oauth/token, /oauth/revoke and /userinfo.
//
// A grant only says who may have which tokens and how that becomes durable; the phases in endpoint.go do the rest for all
// of them, in one order, so that no grant can forget one. Its invariants:
//
//   - Tokens are signed before the write and answered after it: what an application holds is in the database, and nobody
//     waits for a signature inside a transaction. A code exchange is one write: the spent mark, the user's grant, the refresh
//     token and the event, all or nothing.
//   - An attempt that is not the owner's changes nothing. Another application, another redirect_uri or another verifier
//     neither spends a code nor counts as its replay.
//   - A code presented again by its owner ends what the first exchange issued (RFC 6749 section 4.1.2). That is so for
//     concurrent duplicates too: nothing tells an impatient application from a thief.
//   - A spent refresh token is answered with the very successor its first exchange made, within the retry window and until
//     that successor was used; so a lost answer signs nobody out, and there is never a fork. Presented later it is theft,
//     and its family ends (RFC 9700 section 4.14.2).
//   - Every outcome is one event. Those that record a change are written with the change.
package token
