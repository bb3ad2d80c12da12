// Configuration: every wrong value is named, flags and environment agree, and plaintext stays on loopback.
#include "services/runtime/options.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "absl/strings/match.h"
#include "services/runtime/address.h"
#include "services/runtime/channel.h"
#include "services/runtime/errors.h"

namespace rapport::runtime {
namespace {

ServerOptions Valid() {
  ServerOptions options;
  options.insecure_loopback = true;
  return options;
}

TEST(Options, DefaultsAreValidOnLoopback) {
  EXPECT_TRUE(Valid().Validate().ok());
}

TEST(Options, EveryWrongValueIsNamed) {
  ServerOptions options = Valid();
  options.address = "nowhere";
  options.workers = 0;
  options.queue_length = kMaxQueueLength + 1;
  options.open_calls = 0;
  options.grace = -absl::Seconds(1);
  const absl::Status status = options.Validate();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  ASSERT_EQ(ViolationsOf(status).size(), 5u);
  EXPECT_EQ(ViolationsOf(status)[0].field_path, "--address");
  EXPECT_EQ(ViolationsOf(status)[1].field_path, "--workers");
  EXPECT_EQ(ViolationsOf(status)[1].description, "must be from 1 to 256");
  EXPECT_EQ(ViolationsOf(status)[2].field_path, "--queue-length");
  EXPECT_EQ(ViolationsOf(status)[3].field_path, "--open-calls");
  EXPECT_EQ(ViolationsOf(status)[4].field_path, "--grace");
}

TEST(Options, PlaintextNeedsLoopbackAndTheFlag) {
  ServerOptions options = Valid();
  options.insecure_loopback = false;
  ASSERT_FALSE(ViolationsOf(options.Validate()).empty());
  EXPECT_TRUE(absl::StrContains(ViolationsOf(options.Validate())[0].description,
                                "TLS is not available yet: serve on loopback with --insecure-loopback"));
  options = Valid();
  options.address = "0.0.0.0:50051";
  EXPECT_FALSE(options.Validate().ok());
}

TEST(Options, FlagsAndEnvironment) {
  ServerOptions options;
  CLI::App app;
  BindFlags(app, options);
  setenv("RAPPORT_QUEUE_LENGTH", "7", 1);
  setenv("RAPPORT_GRACE", "90s", 1);
  app.parse("--workers 3 --insecure-loopback --drain-delay 250ms --log-level warning", false);
  unsetenv("RAPPORT_QUEUE_LENGTH");
  unsetenv("RAPPORT_GRACE");
  EXPECT_EQ(options.workers, 3);
  EXPECT_TRUE(options.insecure_loopback);
  EXPECT_EQ(options.drain_delay, absl::Milliseconds(250));
  EXPECT_EQ(options.log_level, Severity::kWarning);
  EXPECT_EQ(options.queue_length, 7);
  EXPECT_EQ(options.grace, absl::Seconds(90));
}

TEST(Options, HelpTeaches) {
  ServerOptions options;
  CLI::App app;
  BindFlags(app, options);
  const std::string help = app.help();
  EXPECT_TRUE(absl::StrContains(help, "RAPPORT_QUEUE_LENGTH")) << help;
  EXPECT_TRUE(absl::StrContains(help, "127.0.0.1:50051")) << help;
  EXPECT_TRUE(absl::StrContains(help, "10s")) << help;
}

TEST(Options, WrongFormsAreErrorsOfParsing) {
  for (const char* line : {"--grace soon", "--workers many", "--log-level loud"}) {
    ServerOptions options;
    CLI::App app;
    BindFlags(app, options);
    EXPECT_THROW(app.parse(line, false), CLI::ParseError) << line;
  }
}

TEST(Address, Forms) {
  for (const char* good : {"127.0.0.1:0", "localhost:65535", "[::1]:80"}) {
    const absl::StatusOr<Address> address = ParseAddress(good);
    ASSERT_TRUE(address.ok()) << good;
    EXPECT_EQ(ToString(*address), good);
    EXPECT_TRUE(PlaintextAllowed(*address, true).ok());
  }
  for (const char* bad :
       {"", ":", ":80", "host", "host:", "host:x", "host:65536", "host:-1", "::1:80", "[host]:80"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseAddress(bad).status())) << bad;
  }
  for (const char* remote :
       {"10.0.0.1:80", "example.org:80", "[::]:80", "127.evil.example:80", "0.0.0.0:80"}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(PlaintextAllowed(*ParseAddress(remote), true))) << remote;
  }
}

TEST(Channel, GoesWherePlaintextMay) {
  EXPECT_TRUE(Connect("localhost:1", true).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Connect("localhost:1", false).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(Connect("matcher.internal:1", true).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Connect("matcher", true).status()));
}

}  // namespace
}  // namespace rapport::runtime
