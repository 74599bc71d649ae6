package discovery

import (
	"context"
	"strings"

	"github.com/proofkey/proofkey/store"
)

// assetLink lets an Android app claim this domain's links (Digital Asset Links).
type assetLink struct {
	Relation []string    `json:"relation"`
	Target   assetTarget `json:"target"`
}

type assetTarget struct {
	Namespace    string   `json:"namespace"`
	Package      string   `json:"package_name"`
	Fingerprints []string `json:"sha256_cert_fingerprints"`
}

// assetLinks lists the Android apps of all applications; the callback of each is /android/{package}/callback.
func (d *Discovery) assetLinks(ctx context.Context) ([]byte, error) {
	links := []assetLink{}
	err := d.applications(ctx, func(m store.Mobile) {
		android := m.Android
		if android.AppPackageName == "" || len(android.SHA256CertFingerprints) == 0 {
			return
		}
		prints := make([]string, len(android.SHA256CertFingerprints))
		for i, p := range android.SHA256CertFingerprints {
			prints[i] = strings.ToUpper(p)
		}
		links = append(links, assetLink{
			Relation: []string{"delegate_permission/common.handle_all_urls"},
			Target:   assetTarget{"android_app", android.AppPackageName, prints},
		})
	})
	if err != nil {
		return nil, err
	}
	return encode(links)
}

// appleFile is apple-app-site-association. Without webcredentials an ASWebAuthenticationSession refuses an https callback
// even if applinks is right.
type appleFile struct {
	AppLinks struct {
		Apps    []string      `json:"apps"` // must be there and empty
		Details []appleDetail `json:"details"`
	} `json:"applinks"`
	WebCredentials struct {
		Apps []string `json:"apps"`
	} `json:"webcredentials"`
}

type appleDetail struct {
	AppID string   `json:"appID"`
	Paths []string `json:"paths"`
}

// appleAppSite lists the iOS and macOS apps of all applications.
func (d *Discovery) appleAppSite(ctx context.Context) ([]byte, error) {
	var file appleFile
	file.AppLinks.Apps, file.AppLinks.Details, file.WebCredentials.Apps = []string{}, []appleDetail{}, []string{}
	err := d.applications(ctx, func(m store.Mobile) {
		ios := m.IOS
		if ios.TeamID == "" || ios.AppBundleIdentifier == "" {
			return
		}
		id := ios.TeamID + "." + ios.AppBundleIdentifier
		file.AppLinks.Details = append(file.AppLinks.Details, appleDetail{id, []string{
			"/ios/" + ios.AppBundleIdentifier + "/*", "/macos/" + ios.AppBundleIdentifier + "/*",
		}})
		file.WebCredentials.Apps = append(file.WebCredentials.Apps, id)
	})
	if err != nil {
		return nil, err
	}
	return encode(file)
}

// applications goes through the mobile settings of all applications that are not disabled.
func (d *Discovery) applications(ctx context.Context, each func(store.Mobile)) error {
	clients, err := d.DB.Clients(ctx)
	for _, c := range clients {
		if !c.Settings.Disabled {
			each(c.Settings.Mobile)
		}
	}
	return err
}
