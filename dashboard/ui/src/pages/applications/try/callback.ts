/** Where the tenant sends the browser back to: an address of the console, in the tab of the sign-in. */
export const callbackPath = '/try/callback';
export const callbackAddress = () => `${window.location.origin}${callbackPath}`;
