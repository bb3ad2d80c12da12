// Every command's binding, for the table in commands.cc. Each is defined in the file named after it.
#ifndef RAPPORT_SERVICES_CLI_COMMANDS_BINDINGS_H_
#define RAPPORT_SERVICES_CLI_COMMANDS_BINDINGS_H_

#include "services/cli/command.h"

namespace rapport::cli {

Action BindServe(CLI::App& app);
Action BindImportTherapists(CLI::App& app);
Action BindExportTherapists(CLI::App& app);
Action BindSampleTherapists(CLI::App& app);
Action BindTherapistGet(CLI::App& app);
Action BindTherapistList(CLI::App& app);
Action BindTherapistDelete(CLI::App& app);
Action BindTherapistConfirm(CLI::App& app);
Action BindCatalogCheck(CLI::App& app);
Action BindCatalogShow(CLI::App& app);
Action BindEvaluate(CLI::App& app);
Action BindRank(CLI::App& app);
Action BindExplain(CLI::App& app);
Action BindPredict(CLI::App& app);
Action BindAdvise(CLI::App& app);
Action BindModelShow(CLI::App& app);
Action BindModelRefit(CLI::App& app);
Action BindReferralCreate(CLI::App& app);
Action BindReferralGet(CLI::App& app);
Action BindReferralList(CLI::App& app);
Action BindReferralUpdate(CLI::App& app);
Action BindReferralSubmit(CLI::App& app);
Action BindReferralChoose(CLI::App& app);
Action BindReferralRespond(CLI::App& app);
Action BindReferralStart(CLI::App& app);
Action BindReferralTryAnother(CLI::App& app);
Action BindReferralClose(CLI::App& app);
Action BindReferralWatch(CLI::App& app);
Action BindFeedbackFitCheck(CLI::App& app);
Action BindFeedbackInstrument(CLI::App& app);
Action BindFeedbackList(CLI::App& app);
Action BindWalkthrough(CLI::App& app);

}  // namespace rapport::cli

#endif  // RAPPORT_SERVICES_CLI_COMMANDS_BINDINGS_H_
