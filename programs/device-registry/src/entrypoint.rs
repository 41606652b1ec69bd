use crate::process_instruction;

solana_program::entrypoint!(process_instruction);
