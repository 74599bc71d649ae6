package login_test

import (
	"testing"

	"github.com/proofkey/proofkey/idptest"
	"github.com/proofkey/proofkey/store"
)

func TestGolden(t *testing.T) {
	s := idptest.New(t)
	s.Client(store.AppNative, idptest.Callback("com.example.app://login.example.com/android/com.example.app/callback",
		"com.example.app://login.example.com/ios/com.example.app/callback"), func(c *store.Client) {
		c.Settings.Mobile.Android.AppPackageName = "com.example.app"
		c.Settings.Mobile.IOS.TeamID, c.Settings.Mobile.IOS.AppBundleIdentifier = "ABCDE12345", "com.example.app"
	})
	s.Golden(t, "testdata", nil)
}
