package attack

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// hostileCases send what no client sends. The server must answer by a refusal, and must answer at all afterwards.
func hostileCases() (all []attempt) {
	for _, h := range []struct{ name, source, kind, body string }{
		{"JSON nested deeply", "CVE-2020-36048", "application/json", `{"grant_type":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`},
		{"JSON cut off", "RFC 8259", "application/json", `{"grant_type":"authorization_code"`},
		{"JSON with a name twice", "RFC 8259 section 4", "application/json", `{"grant_type":"client_credentials","grant_type":"authorization_code","client_id":"x"}`},
		{"JSON that is no object", "RFC 8259", "application/json", `[{"grant_type":"authorization_code"}]`},
		{"JSON with a huge number", "CVE-2022-23471", "application/json", `{"grant_type":1e99999}`},
		{"JSON with NUL", "CVE-2019-9193", "application/json", `{"grant_type":"authorization_code","code":"\u0000"}`},
		{"JSON with half a surrogate", "RFC 8259 section 8.2", "application/json", `{"grant_type":"authorization_code","code":"\ud800"}`},
		{"a form with a bad escape", "RFC 3986 section 2.1", "application/x-www-form-urlencoded", "grant_type=%zz&client_id=%"},
		{"a form with bytes that are no UTF-8", "CVE-2020-13956", "application/x-www-form-urlencoded", "grant_type=%ff%fe&client_id=%00"},
		{"a form of very many parameters", "CVE-2022-41721", "application/x-www-form-urlencoded", strings.Repeat("a=b&", 50000)},
		{"multipart", "CVE-2022-41725", "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"grant_type\"\r\n\r\nx\r\n--x--"},
		{"an unknown content type", "RFC 6749 section 3.2", "application/xml", "<a/>"},
		{"a content type that cannot be read", "RFC 9110 section 8.3", ";;;", "grant_type=x"},
		{"a large body", "OWASP ASVS 5.2", "application/x-www-form-urlencoded", "grant_type=" + strings.Repeat("a", 4<<20)},
	} {
		all = append(all, attempt{"hostile body", h.name, h.source, func(r *run) error {
			a, err := r.send(http.MethodPost, r.meta.Token, []string{"Content-Type", h.kind}, h.body)
			if err != nil && !strings.Contains(err.Error(), "reset") && !strings.Contains(err.Error(), "broken pipe") {
				return err
			}
			if err == nil && (a.status < 400 || a.status > 499) {
				return works("the answer is %d: %.120s", a.status, a.body)
			}
			return r.alive()
		}})
	}
	for _, path := range []string{"%", "%00", "..%2f..%2fetc%2fpasswd", "authorize%2f", "authorize?%", "authorize?client_id=%ff", "authorize;x=1",
		".well-known/%2e%2e/", "u/login?state=" + strings.Repeat("A", 8000), "u/login?state=%00", "authorize?" + strings.Repeat("a=b&", 1000)} {
		all = append(all, attempt{"hostile URL", fmt.Sprintf("%.40q", path), "CWE-20", func(r *run) error {
			status, err := r.raw(fmt.Sprintf("GET /%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n", path, r.host))
			if err != nil {
				return err
			}
			if status >= 500 && status != http.StatusNotImplemented {
				return works("the answer is %d", status)
			}
			return r.alive()
		}})
	}
	return append(all,
		attempt{"hostile headers", "very large", "CVE-2024-24791", func(r *run) error {
			status, err := r.raw(fmt.Sprintf("GET / HTTP/1.1\r\nHost: %s\r\nX-Long: %s\r\nConnection: close\r\n\r\n", r.host, strings.Repeat("a", 2<<20)))
			if err == nil && status < 400 {
				return works("2 MiB of headers are taken: %d", status)
			}
			return r.alive()
		}},
		attempt{"request smuggling", "both lengths", "CVE-2019-20444", func(r *run) error {
			return r.smuggled("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
		}},
		attempt{"request smuggling", "an obscured encoding", "CVE-2019-16276", func(r *run) error {
			return r.smuggled("Content-Length: 4\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n")
		}},
		attempt{"request smuggling", "two lengths", "RFC 9112 section 6.3", func(r *run) error {
			return r.smuggled("Content-Length: 0\r\nContent-Length: 5\r\n\r\nGET /")
		}},
		attempt{"request smuggling", "two hosts", "RFC 9112 section 3.2", func(r *run) error { return r.smuggled("Host: attacker.example\r\n\r\n") }},
		attempt{"slow client", "headers that never end leave room for others", "CVE-2007-6750", func(r *run) error {
			var open []net.Conn
			defer func() {
				for _, c := range open {
					c.Close()
				}
			}()
			for range 200 {
				c, err := r.dial()
				if err != nil {
					return err
				}
				open = append(open, c)
				if _, err := fmt.Fprintf(c, "POST /oauth/token HTTP/1.1\r\nHost: %s\r\nX-A: ", r.host); err != nil {
					return err
				}
			}
			return r.alive()
		}},
	)
}

// alive asks for the key set, which a server that fell cannot answer.
func (r *run) alive() error {
	a, err := r.send(http.MethodGet, r.meta.JWKS, nil, "")
	if err != nil {
		return works("the server no longer answers: %v", err)
	}
	if a.status != http.StatusOK {
		return works("the server no longer answers: %d", a.status)
	}
	return nil
}

func (r *run) dial() (net.Conn, error) {
	u, err := url.Parse(r.Issuer)
	if err != nil {
		return nil, err
	}
	address := u.Host
	if u.Port() == "" {
		address += map[string]string{"https": ":443", "http": ":80"}[u.Scheme]
	}
	d := &net.Dialer{Timeout: requestTime}
	c, err := d.DialContext(r.ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if u.Scheme == "https" {
		var conf *tls.Config
		if t, ok := r.client(nil).Transport.(*http.Transport); ok && t.TLSClientConfig != nil {
			conf = t.TLSClientConfig.Clone()
		} else {
			conf = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		conf.ServerName, conf.NextProtos = u.Hostname(), []string{"http/1.1"}
		c = tls.Client(c, conf)
	}
	return c, c.SetDeadline(time.Now().Add(requestTime))
}

// raw sends bytes as they are and returns the status of the first answer.
func (r *run) raw(request string) (int, error) {
	c, err := r.dial()
	if err != nil {
		return 0, err
	}
	defer c.Close()
	go func() { _, _ = c.Write([]byte(request)) }() // the server may answer and close before it has read all
	a, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		return 0, nil //nolint:nilerr // a connection that is closed without an answer is a refusal too
	}
	defer a.Body.Close()
	return a.StatusCode, nil
}

// smuggled fails where what follows the headers is taken for a second request: there are two answers then.
func (r *run) smuggled(tail string) error {
	c, err := r.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := fmt.Fprintf(c, "POST /oauth/token HTTP/1.1\r\nHost: %s\r\n%s", r.host, tail); err != nil {
		return r.alive()
	}
	in := bufio.NewReader(c)
	first, err := http.ReadResponse(in, nil)
	if err != nil {
		return r.alive()
	}
	defer first.Body.Close()
	if first.StatusCode < 400 {
		return works("the answer is %d", first.StatusCode)
	}
	buffer := make([]byte, 1<<16)
	for err == nil {
		_, err = first.Body.Read(buffer)
	}
	if second, err := http.ReadResponse(in, nil); err == nil {
		second.Body.Close()
		if second.StatusCode != http.StatusBadRequest {
			return works("a second request was answered: %d", second.StatusCode)
		}
	}
	return r.alive()
}
