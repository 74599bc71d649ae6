package config

import (
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// masterKeySize is the size of an AES-256 key.
const masterKeySize = 32

// check holds the keys against one another. Single values were checked as they were read.
func (c *Config) check() Mistakes {
	var ms Mistakes
	add := func(key, text string) {
		from := ""
		if _, set := c.sources[key]; set {
			from = c.Source(key)
		}
		ms = append(ms, Mistake{Key: key, From: from, Text: text})
	}
	c.checkListen(add)
	c.checkCertificates(add)
	c.checkMasterKey(add)
	c.checkTenants(add)
	return ms
}

func (c *Config) checkListen(add func(key, text string)) {
	if c.Listen.HTTP == "" && c.Listen.HTTPS == "" {
		add("listen.http", "neither listen.http nor listen.https is set, so nothing would listen")
	}
	for _, l := range []struct{ key, addr string }{
		{"listen.http", c.Listen.HTTP}, {"listen.https", c.Listen.HTTPS}, {"listen.metrics", c.Listen.Metrics},
	} {
		if l.addr == "" {
			continue
		}
		_, port, err := net.SplitHostPort(l.addr)
		if n, convErr := strconv.Atoi(port); err != nil || convErr != nil || n < 0 || n > 65535 {
			add(l.key, fmt.Sprintf("%q is not host:port, such as 127.0.0.1:3000 or :443", l.addr))
		}
	}
}

func (c *Config) checkCertificates(add func(key, text string)) {
	files := c.TLS.CertFile != "" || c.TLS.KeyFile != ""
	switch {
	case c.TLS.CertFile == "" && files:
		add("tls.cert_file", "is missing beside tls.key_file")
	case c.TLS.KeyFile == "" && files:
		add("tls.key_file", "is missing beside tls.cert_file")
	}
	if files && c.ACME.Agree {
		add("acme.agree", "certificates come from tls.cert_file or from ACME, not from both")
	}
	if c.Listen.HTTPS != "" && !files && !c.ACME.Agree {
		add("listen.https", "needs a certificate: set tls.cert_file and tls.key_file, or acme.agree")
	}
	if c.Listen.HTTPS == "" && files {
		add("tls.cert_file", "is set, but listen.https is not")
	}
	if !c.ACME.Agree {
		if c.ACME.Email != "" {
			add("acme.email", "is set, but acme.agree is not")
		}
		return
	}
	if c.Listen.HTTPS == "" {
		add("acme.agree", "is set, but listen.https is not")
	}
	if u, err := url.Parse(c.ACME.Directory); err != nil || u.Scheme != "https" || u.Host == "" {
		add("acme.directory", fmt.Sprintf("%q is not an https URL", c.ACME.Directory))
	}
}

func (c *Config) checkMasterKey(add func(key, text string)) {
	text, key := c.MasterKey.Reveal(), "master_key"
	switch {
	case c.MasterKey != "" && c.MasterKeyFile != "":
		add("master_key_file", "is set beside master_key; set one of them")
		return
	case c.MasterKeyFile != "":
		key = "master_key_file"
		data, err := os.ReadFile(string(c.MasterKeyFile))
		if err != nil {
			add(key, err.Error())
			return
		}
		text = strings.TrimSpace(string(data))
	case c.MasterKey == "":
		add(key, "is missing; make one with: proofkey admin master-key > master.key && chmod 600 master.key, and set master_key_file")
		return
	}
	decoded, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(decoded) != masterKeySize {
		add(key, "is not 32 bytes in base64; make one with: proofkey admin master-key")
		return
	}
	c.masterKey = decoded
}

func (c *Config) checkTenants(add func(key, text string)) {
	if len(c.Tenants) == 0 {
		add("tenants", "is empty; a server needs at least one tenant with name, database and domains")
	}
	names, databases, domains := map[string]string{}, map[string]string{}, map[string]string{}
	unique := func(seen map[string]string, value, key string) {
		if first, taken := seen[value]; taken && value != "" {
			add(key, "is the same as "+first)
			return
		}
		seen[value] = key
	}
	for i := range c.Tenants {
		t, at := &c.Tenants[i], fmt.Sprintf("tenants[%d].", i)
		switch {
		case !tenantName(t.Name):
			add(at+"name", fmt.Sprintf("%q is not a name of a-z, 0-9 and - that starts with a letter (at most 63)", t.Name))
		case t.Name == "system":
			add(at+"name", `"system" names the administrators' own database: choose another name`)
		}
		if t.Database == "" {
			add(at+"database", "is missing")
		}
		if len(t.Domains) == 0 {
			add(at+"domains", "is empty")
		}
		unique(names, t.Name, at+"name")
		unique(databases, t.Database.DSN(), at+"database")
		for j, domain := range t.Domains {
			key := fmt.Sprintf("%sdomains[%d]", at, j)
			if text := c.domainMistake(domain); text != "" {
				add(key, text)
				continue
			}
			unique(domains, domain, key)
		}
	}
	if domain := c.Dashboard.Domain; domain != "" {
		if text := c.domainMistake(domain); text != "" {
			add("dashboard.domain", text)
			return
		}
		unique(domains, domain, "dashboard.domain")
	}
}

// domainMistake says what is wrong with an origin, "" when nothing is. The issuer is made from it, and compared byte
// for byte by every client, so only its one canonical spelling is taken.
func (c *Config) domainMistake(domain string) string {
	u, err := url.Parse(domain)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return fmt.Sprintf("%q is not an origin such as https://login.example.com", domain)
	}
	if domain != u.Scheme+"://"+strings.ToLower(u.Host) || strings.HasSuffix(u.Hostname(), ".") {
		return fmt.Sprintf("%q is more than an origin, or not in lower case: write scheme://host or scheme://host:port, without a slash at the end", domain)
	}
	if u.Port() == "443" && u.Scheme == "https" || u.Port() == "80" && u.Scheme == "http" {
		return fmt.Sprintf("%q: leave out the default port", domain)
	}
	if u.Scheme == "http" && !Loopback(u.Hostname()) {
		return fmt.Sprintf("%q: http is for loopback only; use https", domain)
	}
	if u.Scheme == "https" && c.Listen.HTTPS == "" && len(c.Proxies) == 0 {
		return fmt.Sprintf("%q is https, but listen.https is not set, nor are proxies that speak https in front of listen.http", domain)
	}
	if u.Scheme == "http" && c.Listen.HTTP == "" {
		return fmt.Sprintf("%q is http, but listen.http is not set", domain)
	}
	return ""
}

// Loopback reports whether a host name or address always means this machine (RFC 6761 section 6.3, RFC 8252 section 7.3).
func Loopback(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return addr.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func tenantName(s string) bool {
	if s == "" || len(s) > 63 || s[0] < 'a' || s[0] > 'z' {
		return false
	}
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' {
			return false
		}
	}
	return true
}
