package discovery

import (
	"context"
	"crypto/sha1" //nolint:gosec // the fingerprint is SHA-1 by definition
	"encoding/asn1"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"strings"
)

// certificate serves the current RS256 key's certificate in one of the forms that tools ask for (spec section 12.2).
func (d *Discovery) certificate(form func(der []byte) ([]byte, error)) content {
	return func(ctx context.Context) ([]byte, error) {
		der, err := d.Keys.Certificate(ctx)
		if err != nil {
			return nil, err
		}
		return form(der)
	}
}

func asDER(der []byte) ([]byte, error) { return der, nil }

func asPEM(der []byte) ([]byte, error) {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

// asRawPEM is the body of the PEM file on one line.
func asRawPEM(der []byte) ([]byte, error) {
	return base64.StdEncoding.AppendEncode(nil, der), nil
}

func asFingerprint(der []byte) ([]byte, error) {
	sum := sha1.Sum(der)
	hex := fmt.Sprintf("% X", sum[:])
	return []byte(strings.ReplaceAll(hex, " ", ":")), nil
}

// asPKCS7 is a SignedData without content or signers, which carries certificates only (RFC 2315 section 9.1).
func asPKCS7(der []byte) ([]byte, error) {
	type contentInfo struct{ Type asn1.ObjectIdentifier }
	signed, err := asn1.Marshal(struct {
		Version      int
		Digests      []asn1.RawValue `asn1:"set"`
		Content      contentInfo
		Certificates asn1.RawValue
		Signers      []asn1.RawValue `asn1:"set"`
	}{
		Version:      1,
		Content:      contentInfo{asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}},
		Certificates: asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: der},
	})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}{
		Type:    asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2},
		Content: asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: signed},
	})
}
