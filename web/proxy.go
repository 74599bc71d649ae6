package web

import (
	"net/http"
	"net/netip"
	"strings"
)

// maxHops bounds the walk through X-Forwarded-For, which anybody may fill.
const maxHops = 32

// clientIP is the remote address unless that is a listed proxy; then it is the right-most address of X-Forwarded-For that
// is not one. What lies further left was written by the client and proves nothing.
func (k *Kit) clientIP(r *http.Request) string {
	ip, ok := parseAddr(r.RemoteAddr)
	if !ok {
		return ""
	}
	if k.trusted(ip) {
		ip = k.forwardedFor(ip, r.Header.Values("X-Forwarded-For"))
	}
	return ip.String()
}

func (k *Kit) forwardedFor(ip netip.Addr, lines []string) netip.Addr {
	hops := 0
	for i := len(lines) - 1; i >= 0; i-- {
		line, last := lines[i], ""
		for line != "" {
			if comma := strings.LastIndexByte(line, ','); comma >= 0 {
				line, last = line[:comma], line[comma+1:]
			} else {
				line, last = "", line
			}
			next, ok := parseAddr(strings.TrimSpace(last))
			if hops++; !ok || hops > maxHops {
				return ip
			}
			if ip = next; !k.trusted(ip) {
				return ip
			}
		}
	}
	return ip
}

func (k *Kit) trusted(ip netip.Addr) bool {
	for _, p := range k.Proxies {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// parseAddr takes an address with or without a port; an IPv4 address inside an IPv6 one comes out as IPv4.
func parseAddr(s string) (netip.Addr, bool) {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	if len(s) > 2 && s[0] == '[' && s[len(s)-1] == ']' {
		s = s[1 : len(s)-1]
	}
	ip, err := netip.ParseAddr(s)
	return ip.Unmap().WithZone(""), err == nil
}
