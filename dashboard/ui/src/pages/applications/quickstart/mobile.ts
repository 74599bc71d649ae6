import type { Facts, Quickstart } from './platforms';

/** The callbacks of Auth0's native SDKs; iOS drops the port of the domain. */
const hostOnly = (domain: string) => domain.replace(/:\d+$/, '');
const iosCallback = (f: Facts) => `${f.app}://${hostOnly(f.domain)}/ios/${f.app}/callback`;
const androidCallback = (f: Facts) => `https://${f.domain}/android/${f.app}/callback`;

const line = (text: string, when: string) => (when ? `\n${text}` : '');

export function swift(f: Facts): Quickstart {
  const callback = iosCallback(f);
  const https = `https://${hostOnly(f.domain)}/ios/${f.app}/callback`;
  return {
    callbacks: [https, callback],
    logoutUrls: [https, callback],
    webOrigins: [],
    steps: [
      {
        name: 'install',
        file: 'Package.swift',
        code: `.package(url: "https://github.com/auth0/Auth0.swift", from: "2.10.0")`,
      },
      {
        name: 'configure',
        file: 'Auth0.plist',
        code: `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
    <key>ClientId</key>
    <string>${f.clientId}</string>
    <key>Domain</key>
    <string>${f.domain}</string>
</dict>
</plist>`,
      },
      {
        name: 'login',
        code: `import Auth0

let credentialsManager = CredentialsManager(authentication: Auth0.authentication())

func signIn() async throws {
    let credentials = try await Auth0
        .webAuth()
        .useHTTPS() // iOS 17.4 and later; needs the device settings and the capability webcredentials:${hostOnly(f.domain)}${line(`        .audience("${f.audience}")`, f.audience)}
        .scope("${f.scope}")
        .start()
    _ = credentialsManager.store(credentials: credentials)
}`,
      },
      {
        name: 'refresh',
        code: `// Renews the access token when it has expired.
let credentials = try await credentialsManager.credentials()
print(credentials.accessToken)`,
      },
      {
        name: 'logout',
        code: `try await credentialsManager.revoke()
try await Auth0.webAuth().useHTTPS().clearSession()`,
      },
    ],
  };
}

export function appAuthIos(f: Facts): Quickstart {
  const callback = `${f.app}:/oauth2redirect`;
  const extra = f.audience ? `["audience": "${f.audience}"]` : 'nil';
  return {
    callbacks: [callback],
    logoutUrls: [callback],
    webOrigins: [],
    steps: [
      {
        name: 'install',
        file: 'Package.swift',
        code: `.package(url: "https://github.com/openid/AppAuth-iOS.git", from: "2.0.0")`,
      },
      {
        name: 'configure',
        file: 'Info.plist',
        code: `<key>CFBundleURLTypes</key>
<array>
    <dict>
        <key>CFBundleURLSchemes</key>
        <array>
            <string>${f.app}</string>
        </array>
    </dict>
</array>`,
      },
      {
        name: 'login',
        code: `import AppAuth

var flow: OIDExternalUserAgentSession?
var authState: OIDAuthState?

func signIn(from controller: UIViewController) {
    let issuer = URL(string: "${f.issuer}")!
    OIDAuthorizationService.discoverConfiguration(forIssuer: issuer) { configuration, error in
        guard let configuration else { return print("discovery: \\(String(describing: error))") }
        let request = OIDAuthorizationRequest(
            configuration: configuration,
            clientId: "${f.clientId}",
            scopes: [${f.scope
              .split(' ')
              .map((s) => `"${s}"`)
              .join(', ')}],
            redirectURL: URL(string: "${callback}")!,
            responseType: OIDResponseTypeCode,
            additionalParameters: ${extra})
        flow = OIDAuthState.authState(byPresenting: request, presenting: controller) { state, error in
            authState = state
            if let error { print("sign-in: \\(error)") }
        }
    }
}`,
      },
      {
        name: 'refresh',
        code: `authState?.performAction { accessToken, _, error in
    // accessToken is fresh: AppAuth has used the refresh token if it had to.
}`,
      },
    ],
  };
}

export function android(f: Facts): Quickstart {
  const callback = androidCallback(f);
  return {
    callbacks: [callback],
    logoutUrls: [callback],
    webOrigins: [],
    steps: [
      {
        name: 'install',
        file: 'app/build.gradle.kts',
        code: `android {
    defaultConfig {
        applicationId = "${f.app}"
        manifestPlaceholders["auth0Domain"] = "${f.domain}"
        manifestPlaceholders["auth0Scheme"] = "https"
    }
}

dependencies {
    implementation("com.auth0.android:auth0:3.18.0")
}`,
      },
      {
        name: 'login',
        code: `val account = Auth0.getInstance("${f.clientId}", "${f.domain}")
val manager = CredentialsManager(AuthenticationAPIClient(account), SharedPreferencesStorage(context))

suspend fun signIn() {
    val credentials = WebAuthProvider.login(account)
        .withScheme("https")${line(`        .withAudience("${f.audience}")`, f.audience)}
        .withScope("${f.scope}")
        .await(context)
    manager.saveCredentials(credentials)
}`,
      },
      {
        name: 'refresh',
        code: `// Renews the access token when it has expired.
val credentials = manager.awaitCredentials()
println(credentials.accessToken)`,
      },
      {
        name: 'logout',
        code: `manager.clearCredentials()
WebAuthProvider.logout(account).withScheme("https").await(context)`,
      },
    ],
  };
}

export function appAuthAndroid(f: Facts): Quickstart {
  const callback = `${f.app}:/oauth2redirect`;
  return {
    callbacks: [callback],
    logoutUrls: [callback],
    webOrigins: [],
    steps: [
      {
        name: 'install',
        file: 'app/build.gradle.kts',
        code: `android {
    defaultConfig {
        manifestPlaceholders["appAuthRedirectScheme"] = "${f.app}"
    }
}

dependencies {
    implementation("net.openid:appauth:0.11.1")
}`,
      },
      {
        name: 'login',
        code: `val service = AuthorizationService(this)

fun signIn() {
    AuthorizationServiceConfiguration.fetchFromIssuer(Uri.parse("${f.issuer}")) { configuration, error ->
        val request = AuthorizationRequest.Builder(
            configuration ?: return@fetchFromIssuer Log.e("login", "discovery", error),
            "${f.clientId}",
            ResponseTypeValues.CODE,
            Uri.parse("${callback}"),
        )
            .setScope("${f.scope}")${line(`            .setAdditionalParameters(mapOf("audience" to "${f.audience}"))`, f.audience)}
            .build()
        launcher.launch(service.getAuthorizationRequestIntent(request))
    }
}`,
      },
      {
        name: 'token',
        code: `private val launcher = registerForActivityResult(ActivityResultContracts.StartActivityForResult()) { result ->
    val response = AuthorizationResponse.fromIntent(result.data ?: return@registerForActivityResult)
    val state = AuthState(response, AuthorizationException.fromIntent(result.data))
    service.performTokenRequest((response ?: return@registerForActivityResult).createTokenExchangeRequest()) { tokens, error ->
        state.update(tokens, error)
    }
}`,
      },
      {
        name: 'refresh',
        code: `state.performActionWithFreshTokens(service) { accessToken, _, error ->
    // accessToken is fresh: AppAuth has used the refresh token if it had to.
}`,
      },
    ],
  };
}

export function reactNative(f: Facts): Quickstart {
  const id = f.app.toLowerCase();
  const callbacks = ['ios', 'android'].map((os) => `${id}.auth0://${f.domain}/${os}/${id}/callback`);
  return {
    callbacks,
    logoutUrls: callbacks,
    webOrigins: [],
    steps: [
      { name: 'install', code: `npm install react-native-auth0\ncd ios && pod install` },
      {
        name: 'configure',
        file: 'android/app/build.gradle',
        code: `android {
    defaultConfig {
        applicationId "${f.app}"
        manifestPlaceholders = [auth0Domain: "${f.domain}", auth0Scheme: "\${applicationId}.auth0"]
    }
}`,
      },
      {
        name: 'configure',
        file: 'ios/…/Info.plist',
        code: `<key>CFBundleURLTypes</key>
<array>
    <dict>
        <key>CFBundleURLName</key>
        <string>auth0</string>
        <key>CFBundleURLSchemes</key>
        <array>
            <string>$(PRODUCT_BUNDLE_IDENTIFIER).auth0</string>
        </array>
    </dict>
</array>`,
      },
      {
        name: 'login',
        file: 'App.tsx',
        code: `import { Auth0Provider, useAuth0 } from 'react-native-auth0';

export default function App() {
  return (
    <Auth0Provider domain="${f.domain}" clientId="${f.clientId}">
      <Home />
    </Auth0Provider>
  );
}

function Home() {
  const { authorize, clearSession, getCredentials, user, error } = useAuth0();
  const signIn = () => authorize({ scope: '${f.scope}'${f.audience ? `, audience: '${f.audience}'` : ''} });
  if (!user) return <Button title="Sign in" onPress={signIn} />;
  return <Button title={\`Sign out \${user.name}\`} onPress={() => clearSession()} />;
}`,
      },
      {
        name: 'refresh',
        code: `// Renews the access token when it has expired.
const { accessToken } = await getCredentials();`,
      },
    ],
  };
}

export function flutter(f: Facts): Quickstart {
  const callbacks = [androidCallback(f), `https://${hostOnly(f.domain)}/ios/${f.app}/callback`, iosCallback(f)];
  return {
    callbacks,
    logoutUrls: callbacks,
    webOrigins: [],
    steps: [
      { name: 'install', code: 'flutter pub add auth0_flutter' },
      {
        name: 'configure',
        file: 'android/app/build.gradle',
        code: `android {
    defaultConfig {
        manifestPlaceholders += [auth0Domain: "${f.domain}", auth0Scheme: "https"]
    }
}`,
      },
      {
        name: 'login',
        code: `import 'package:auth0_flutter/auth0_flutter.dart';

final auth0 = Auth0('${f.domain}', '${f.clientId}');

Future<Credentials> signIn() => auth0.webAuthentication().login(
      useHTTPS: true,${line(`      audience: '${f.audience}',`, f.audience)}
      scopes: {${f.scope
        .split(' ')
        .map((s) => `'${s}'`)
        .join(', ')}},
    );`,
      },
      {
        name: 'refresh',
        code: `// login() has stored the credentials; this renews the access token when it has expired.
final credentials = await auth0.credentialsManager.credentials();`,
      },
      { name: 'logout', code: `await auth0.webAuthentication().logout(useHTTPS: true);` },
    ],
  };
}
