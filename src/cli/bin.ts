#!/usr/bin/env node
// Nothing newer than what old versions of Node understand, or they would complain about the syntax instead of their age.
var major = Number(process.versions.node.split('.')[0]);
if (major >= 24) {
  import('./main.ts').catch(function (error: unknown) {
    console.error(error);
    process.exitCode = 1;
  });
} else {
  console.error('cloudfusion needs Node.js 24 or later; this is ' + process.version + ' (' + process.execPath + ').');
  process.exitCode = 1;
}
