exports.onExecutePostLogin = async (event, api) => { api.idToken.setCustomClaim("shop", event.client.name); };
