package keys

import (
	"crypto/sha1" //nolint:gosec // the thumbprint of a certificate is SHA-1 by definition (RFC 7517 section 4.8)
	"encoding/asn1"
	"encoding/pem"
	"fmt"
)

// Certificate forms, for tools that compare keys by their certificates.

// Thumbprint is the SHA-1 of a certificate in DER.
func Thumbprint(der []byte) [sha1.Size]byte { return sha1.Sum(der) }

// PEM is a certificate in DER as text.
func PEM(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

var (
	oidData       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidSignedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	emptySet      = asn1.RawValue{Class: asn1.ClassUniversal, Tag: asn1.TagSet, IsCompound: true}
)

// PKCS7 is the message without content and signers that carries a certificate (RFC 2315 section 9.1), as text.
func PKCS7(der []byte) (string, error) {
	type contentInfo struct{ Type asn1.ObjectIdentifier }
	signed, err := asn1.Marshal(struct {
		Version          int
		DigestAlgorithms asn1.RawValue
		Content          contentInfo
		Certificates     asn1.RawValue
		SignerInfos      asn1.RawValue
	}{
		1, emptySet, contentInfo{oidData},
		asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: der}, emptySet,
	})
	if err != nil {
		return "", fmt.Errorf("keys: PKCS #7: %w", err)
	}
	message, err := asn1.Marshal(struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue
	}{oidSignedData, asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: signed}})
	if err != nil {
		return "", fmt.Errorf("keys: PKCS #7: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PKCS7", Bytes: message})), nil
}
