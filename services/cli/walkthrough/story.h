// The client of the walkthrough: what she needs, and what she says after her sessions. Invented.
#ifndef RAPPORT_SERVICES_CLI_WALKTHROUGH_STORY_H_
#define RAPPORT_SERVICES_CLI_WALKTHROUGH_STORY_H_

#include "google/protobuf/timestamp.pb.h"
#include "rapport/feedback/v1/feedback.pb.h"
#include "rapport/matcher/v1/needs.pb.h"

namespace rapport::cli {

// A grieving woman in Boston who thinks that she wants somebody to tell her what to do.
matcher::v1::Needs StoryNeeds();

// The same needs with acute risk stated.
matcher::v1::Needs StoryNeedsAtRisk();

// After a first session with advice too early, and after one in which she felt heard. Without ids and time.
feedback::v1::FitCheck DisappointedFitCheck();
feedback::v1::FitCheck ContentFitCheck();

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_WALKTHROUGH_STORY_H_
