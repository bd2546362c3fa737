// Listens as an integrator's page does, and says on its output what it hears, a JSON line each; ends with its input.
const signalR = require("@microsoft/signalr");

const say = (what, value) => process.stdout.write(JSON.stringify({ what, value }) + "\n");

const connection = new signalR.HubConnectionBuilder()
  .withUrl(process.argv[2], { headers: JSON.parse(process.argv[3] || "{}") })
  .withAutomaticReconnect([0, 50, 100, 200, 400, 800, 1600])
  .configureLogging(signalR.LogLevel.None)
  .build();

connection.serverTimeoutInMilliseconds = Number(process.argv[4] || 30000);
connection.keepAliveIntervalInMilliseconds = 300;
connection.on("position-update", (message) => say("update", JSON.parse(message)));
connection.onreconnecting(() => say("reconnecting", null));
connection.onreconnected(() => say("reconnected", null));
connection.onclose((error) => say("closed", error ? error.message : null));

connection.start().then(
  () => say("started", connection.connectionId !== null),
  (error) => {
    say("refused", error.message);
    process.exit(0);
  },
);
process.stdin.resume();
process.stdin.on("end", () => connection.stop().then(() => process.exit(0)));
