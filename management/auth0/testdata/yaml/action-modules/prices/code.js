module.exports = { gross: (net) => net * 1.19 };
